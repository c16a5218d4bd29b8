//go:build fault

package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"grapevine"
	"grapevine/internal/realtest/wsclient"
)

// client keeps a model of a workspace, like the page: it reads the list and its Position, joins the room
// with since, applies events, re-reads when it is told to, and rejoins with since after a disconnect.
type client struct {
	c         *cluster
	workspace string
	rng       *rand.Rand

	mu       sync.Mutex
	model    map[string]grapevine.Contact
	since    grapevine.Position // the model has all changes up to here
	loaded   bool               // the model has been read
	figures  figures
	problems []string
}

// figures count what happened to a client.
type figures struct {
	joins, recovered, rereads, resyncs, events, degraded, live int
	created                                                    map[string]int // number of contact:created, by contact id
	closes                                                     map[int]int    // number of closes, by close code
}

// frame is a frame with its position and contact decoded.
type frame struct {
	wsclient.Frame
	Position  grapevine.Position
	Contact   *grapevine.Contact
	Recovered bool
}

// next reads the next frame of a socket. After an error the socket is of no more use.
func next(conn *wsclient.Conn, within time.Duration) (f frame, err error) {
	if f.Frame, err = conn.Read(within); err != nil {
		return f, err
	}
	f.Recovered = f.IsRecovered()
	if f.Frame.Position != "" {
		if f.Position, err = grapevine.ParsePosition(f.Frame.Position); err != nil {
			return f, fmt.Errorf("%w: %w: %.200s", wsclient.ErrNotAFrame, err, f.Text)
		}
	}
	if f.Frame.Contact != nil {
		if err := json.Unmarshal(f.Frame.Contact, &f.Contact); err != nil {
			return f, fmt.Errorf("%w: %w: %.200s", wsclient.ErrNotAFrame, err, f.Text)
		}
	}
	return f, nil
}

// newClient starts a client of a workspace, which runs until the end of the test.
func (c *cluster) newClient(workspace string, n uint64) *client {
	k := &client{
		c: c, workspace: workspace, rng: rand.New(rand.NewPCG(c.seed, 300+n)), model: map[string]grapevine.Contact{},
		figures: figures{created: map[string]int{}, closes: map[int]int{}},
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { k.run(ctx) })
	c.t.Cleanup(func() { cancel(); running.Wait() })
	return k
}

func (k *client) run(ctx context.Context) {
	for ctx.Err() == nil {
		from := k.c.randomInstance(k.rng)
		code := k.session(ctx, from)
		k.mu.Lock()
		if code != 0 && ctx.Err() == nil {
			k.figures.closes[code]++
		}
		k.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(50*time.Millisecond + rand.N(200*time.Millisecond)): // with jitter, so that many clients do not reconnect at once
		}
	}
}

// session runs one connection and returns its close code, or 0 if there was no connection.
func (k *client) session(ctx context.Context, from *instance) (code int) {
	if !k.loaded && !k.read(ctx, from, grapevine.Position{}) {
		return 0
	}
	dialing, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, _, err := wsclient.Dial(dialing, "ws://"+from.addr+"/ws/contacts")
	if err != nil {
		return 0
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if conn.Join("workspace:"+k.workspace, k.since.String()) != nil {
		return wsclient.BrokenConnection
	}
	pinging, stop := context.WithCancel(ctx)
	defer stop()
	go ping(pinging, conn)
	last := grapevine.Position{} // of the last frame after the join
	for {
		f, err := next(conn, 20*time.Second)
		if errors.Is(err, wsclient.ErrNotAFrame) {
			k.problem("%v", err)
		}
		if err != nil {
			code, _ := wsclient.CloseCode(err)
			return code
		}
		if !k.handle(ctx, from, f, &last) {
			return wsclient.BrokenConnection
		}
	}
}

// ping keeps since young in a quiet room, because the ack carries the position.
func ping(ctx context.Context, conn *wsclient.Conn) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if conn.Send(`{"op":"ping","ref":"p"}`) != nil {
				return
			}
		}
	}
}

// handle applies a frame. It returns false if the connection is of no more use.
func (k *client) handle(ctx context.Context, from *instance, f frame, last *grapevine.Position) bool {
	switch {
	case f.Op == "error":
		if f.Code != "bad-position" {
			k.problem("refused: %s %s", f.Code, f.Message)
		}
		k.discardModel()
		return false
	case f.Op == "ack" && f.Room != "":
		k.mu.Lock()
		k.figures.joins++
		if f.Recovered {
			k.figures.recovered++
			if f.Position != k.since {
				k.problems = append(k.problems, fmt.Sprintf("recovered from %s, asked for %s", f.Position, k.since))
			}
		}
		k.mu.Unlock()
		*last = f.Position
		return f.Recovered || k.read(ctx, from, f.Position)
	case f.Op == "ack":
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.since.Before(f.Position) {
			k.since = f.Position
		}
	case f.Event == "resync":
		k.mu.Lock()
		k.figures.resyncs++
		k.since = f.Position // lower if Redis lost its last writes
		k.mu.Unlock()
		*last = f.Position
		return k.read(ctx, from, f.Position)
	case f.Event == "pipeline":
		k.mu.Lock()
		defer k.mu.Unlock()
		if f.State == "degraded" {
			k.figures.degraded++
		} else {
			k.figures.live++
		}
	case f.Event == "contact:created" || f.Event == "contact:updated" || f.Event == "contact:deleted":
		if !last.Before(f.Position) {
			k.problem("an event out of order or repeated: %s at %s after %s", f.Event, f.Position, *last)
		}
		*last = f.Position
		if f.Contact == nil && !f.Truncated {
			k.problem("%s without a contact", f.Event)
			return true
		}
		if f.Truncated { // the event of a too large contact has not even an id
			return k.read(ctx, from, f.Position)
		}
		k.apply(f)
	}
	return true
}

func (k *client) apply(f frame) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.figures.events++
	k.since = f.Position
	if f.Contact == nil {
		return
	}
	switch f.Event {
	case "contact:deleted":
		delete(k.model, f.Contact.ID)
	case "contact:created":
		k.figures.created[f.Contact.ID]++
		fallthrough
	default:
		k.model[f.Contact.ID] = *f.Contact
	}
}

// read replaces the model by the list. It returns false if some page of the list failed.
func (k *client) read(ctx context.Context, from *instance, least grapevine.Position) bool {
	model, since := map[string]grapevine.Contact{}, grapevine.Position{}
	header := []string{"Workspace", k.workspace}
	if !least.IsZero() {
		header = append(header, "Min-Position", least.String())
	}
	for after := ""; ; {
		path := "/contacts?limit=200&sort=createdAt"
		if after != "" {
			path += "&after=" + url.QueryEscape(after)
		}
		status, h, body := from.call(ctx, http.MethodGet, path, "", header...)
		if status != http.StatusOK {
			k.discardModel()
			return false
		}
		if since.IsZero() {
			var err error
			if since, err = grapevine.ParsePosition(h.Get("Position")); err != nil {
				k.problem("a list without a Position: %v", err)
			}
		}
		page := pageOf(body)
		for _, item := range page.Items {
			model[item.ID] = item.Contact
		}
		if page.Next == nil {
			break
		}
		after = *page.Next
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.figures.rereads++
	k.model, k.since, k.loaded = model, since, true
	return true
}

// discardModel makes the next session read the list first.
func (k *client) discardModel() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.loaded = false
}

func (k *client) problem(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.problems) < 20 {
		k.problems = append(k.problems, fmt.Sprintf(format, args...))
	}
}

// snapshot returns the current model and figures.
func (k *client) snapshot() (model map[string]grapevine.Contact, since grapevine.Position, f figures) {
	k.mu.Lock()
	defer k.mu.Unlock()
	model = make(map[string]grapevine.Contact, len(k.model))
	for id, contact := range k.model {
		model[id] = contact
	}
	f = k.figures
	f.closes = map[int]int{}
	for code, n := range k.figures.closes {
		f.closes[code] = n
	}
	return model, k.since, f
}

func pageOf(body []byte) (page grapevine.Page) {
	var read struct {
		Items []struct {
			grapevine.Contact
		} `json:"items"`
		Next *string `json:"next"`
	}
	if json.Unmarshal(body, &read) != nil {
		return page
	}
	page.Next = read.Next
	for _, item := range read.Items {
		page.Items = append(page.Items, grapevine.ListItem{Contact: item.Contact})
	}
	return page
}

func contactOf(body []byte) (contact grapevine.Contact) {
	_ = json.Unmarshal(body, &contact) // zero if the body is something else
	return contact
}
