//go:build fault

package fault

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// allowances are the limits of docs/guarantees.md that a fault may spend. The zero value spends none.
type allowances struct {
	// drainTime is the time in which the pipeline has to drain after the load; 0 means 30 s. It is more
	// after faults whose recovery takes longer by itself, see [asynqRecovery].
	drainTime time.Duration

	// repeatedMessages is how many messages may be sent again with the same key, see [runningTasks].
	repeatedMessages int
}

const (
	// asynqRecovery spends the limit of "Another worker runs the tasks of a killed worker": 1 to 2 minutes
	// until Asynq's recoverer hands out the tasks of a dead worker, and tasks whose end could not be
	// reported to Redis. The rest is for the tasks themselves on a busy machine.
	asynqRecovery = 180 * time.Second

	// runningTasks spends the limit of "Every created contact gets its effect": if a worker ends or loses
	// MongoDB between sending and the ledger, its message is sent again with the same key. This can happen
	// to the tasks that one worker was running (CONCURRENCY).
	runningTasks = 16
)

// endAndCheck ends the load, waits until everything has followed, and runs the oracle.
func (l *load) endAndCheck(m allowances) {
	l.c.t.Helper()
	l.end()
	l.c.waitForDrain(l.clients, m)
	l.c.waitForForms()
	l.oracle(m)
}

// stored is a contact in MongoDB.
type stored struct {
	ID        bson.ObjectID     `bson:"_id"`
	Workspace string            `bson:"workspace"`
	Owner     string            `bson:"owner"`
	Notes     string            `bson:"notes"`
	Email     string            `bson:"email"` // what a direct edit wrote as a shorthand
	Emails    []grapevine.Entry `bson:"emails"`
}

func (s stored) state() state {
	at := state{workspace: s.Workspace, owner: s.Owner, notes: s.Notes, email: s.Email}
	if at.email == "" && len(s.Emails) > 0 {
		at.email = s.Emails[0].Value
	}
	return at
}

func stateOf(c grapevine.Contact) state {
	return state{workspace: c.Workspace, owner: c.Owner, notes: c.Notes, email: c.Email}
}

// truth returns all contacts in MongoDB that have an ObjectID.
func (c *cluster) truth() map[string]state {
	c.t.Helper()
	cursor, err := c.db.Collection(grapevine.CollectionContacts).Find(c.t.Context(), bson.D{{Key: "_id", Value: bson.D{{Key: "$type", Value: "objectId"}}}})
	require.NoError(c.t, err)
	var all []stored
	require.NoError(c.t, cursor.All(c.t.Context(), &all))
	truth := make(map[string]state, len(all))
	for _, s := range all {
		truth[s.ID.Hex()] = s.state()
	}
	return truth
}

// waitForDrain waits until a write of this moment has passed the checkpoint, every running instance's
// watermark, the queue and the clients.
func (c *cluster) waitForDrain(clients []*client, m allowances) {
	c.t.Helper()
	if m.drainTime == 0 {
		m.drainTime = 30 * time.Second
	}
	session, err := c.client.StartSession()
	require.NoError(c.t, err)
	defer session.EndSession(context.Background())
	ctx, cancel := context.WithTimeout(c.t.Context(), m.drainTime)
	defer cancel()
	began := time.Now()
	// The pipeline follows this write. Without it, a client's position stays at the last heartbeat.
	require.True(c.t, retryUntil(ctx, func() bool {
		return c.db.RunCommand(mongo.NewSessionContext(ctx, session), bson.D{
			{Key: "update", Value: "heartbeats"},
			{Key: "updates", Value: bson.A{bson.D{
				{Key: "q", Value: bson.D{{Key: "_id", Value: "fault"}}},
				{Key: "u", Value: bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}},
				{Key: "upsert", Value: true},
			}}},
			{Key: "writeConcern", Value: bson.D{{Key: "w", Value: "majority"}}},
		}).Err() == nil
	}), "MongoDB accepts no write")
	at := session.OperationTime()
	marker := grapevine.NewPosition(at.T, at.I, 0)
	for {
		behind := c.behind(marker, clients)
		if behind == "" {
			c.logf("drained %s after the load ended", time.Since(began).Round(time.Millisecond))
			return
		}
		select {
		case <-ctx.Done():
			require.Fail(c.t, "the pipeline did not drain", "after %s: %s", m.drainTime, behind)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// behind describes a part that has not reached the marker. It is "" if all parts have.
func (c *cluster) behind(marker grapevine.Position, clients []*client) string {
	if at := c.checkpoint(); at.Before(marker) {
		return fmt.Sprintf("the checkpoint is at %s, before %s", at, marker)
	}
	for n, i := range c.instances {
		if !i.running() || !i.servesAPI() {
			continue
		}
		_, h, _ := i.get("/contacts?limit=1")
		at, err := grapevine.ParsePosition(h.Get("Position"))
		if err != nil || at.Before(marker) || strings.Contains(h.Get("Cache-Status"), "bypass") {
			return fmt.Sprintf("instance %d is at %s (%s), before %s", n, at, h.Get("Cache-Status"), marker)
		}
	}
	if tasks := c.tasks(); tasks["pending"]+tasks["active"]+tasks["scheduled"]+tasks["retry"] > 0 {
		return fmt.Sprintf("the queue holds %v", tasks)
	}
	for _, k := range clients {
		if _, since, f := k.snapshot(); since.Before(marker) {
			return fmt.Sprintf("the client of %s is at %s, before %s: %+v", k.workspace, since, marker, f.closes)
		}
	}
	return ""
}

// tasks returns the number of welcomes in each state of Asynq.
func (c *cluster) tasks() map[string]int64 {
	ctx, sizes := c.t.Context(), map[string]int64{}
	for _, list := range []string{"pending", "active"} {
		sizes[list] = c.rdb.LLen(ctx, asynqKey("")+list).Val()
	}
	for _, set := range []string{"scheduled", "retry", "archived", "completed"} {
		sizes[set] = c.rdb.ZCard(ctx, asynqKey("")+set).Val()
	}
	return sizes
}

// oracle compares all views of the contacts with MongoDB, and MongoDB with the acknowledged writes.
func (l *load) oracle(m allowances) {
	c := l.c
	c.t.Helper()
	truth := c.truth()
	var wrong []string
	wrong = append(wrong, l.problems...)
	wrong = append(wrong, l.lost(truth)...)
	wrong = append(wrong, c.staleKeys(truth)...)
	wrong = append(wrong, c.staleReads(slices.Collect(maps.Keys(l.expected)), l.expected, truth)...)
	for _, k := range l.clients {
		wrong = append(wrong, k.differences(truth, l.expected)...)
	}
	wrong = append(wrong, l.effects(m)...)
	l.report()
	if len(wrong) > 0 {
		require.Fail(c.t, "a promise is broken", "seed %d, %d findings, the first:\n%s", c.seed, len(wrong), strings.Join(wrong[:min(20, len(wrong))], "\n"))
	}
}

// lost returns acknowledged writes that MongoDB does not have.
func (l *load) lost(truth map[string]state) (wrong []string) {
	for id, f := range l.expected {
		got, there := truth[id]
		fits := func(s state) bool { return there == !s.gone && (s.gone || got == s) }
		if !fits(f.state) && (f.attempt == nil || !fits(*f.attempt)) {
			wrong = append(wrong, fmt.Sprintf("acknowledged write lost: %s should be %+v, MongoDB has %+v (there: %t)", id, f.state, got, there))
		}
	}
	return wrong
}

// staleReads returns answers of instances that differ from MongoDB. Each read is made twice, so that the
// second one can come from the cache.
func (c *cluster) staleReads(ids []string, wanted map[string]*expectation, truth map[string]state) (wrong []string) {
	var mu sync.Mutex
	var side sync.WaitGroup
	add := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		wrong = append(wrong, fmt.Sprintf(format, args...))
	}
	for n, i := range c.instances {
		if !i.running() || !i.servesAPI() {
			continue
		}
		side.Go(func() {
			for _, id := range ids {
				want, there := truth[id]
				in := want.workspace
				if !there {
					in = wanted[id].workspace
				}
				for range 2 {
					status, h, body := i.get("/contacts/"+id, "Workspace", in)
					got := stateOf(contactOf(body))
					if (status == http.StatusOK) != there || there && got != want {
						add("instance %d reads %s as %d %+v (%s), MongoDB has %+v (there: %t)", n, id, status, got, h.Get("Cache-Status"), want, there)
					}
				}
			}
			for _, workspace := range workspaces {
				for _, owner := range append([]string{""}, owners...) {
					for range 2 {
						if text := i.listDiffers(workspace, owner, truth); text != "" {
							add("instance %d lists %s/%s: %s", n, workspace, owner, text)
						}
					}
				}
			}
		})
	}
	side.Wait()
	return wrong
}

// listDiffers compares a whole list with MongoDB. It is "" if they are equal.
func (i *instance) listDiffers(workspace, owner string, truth map[string]state) string {
	want := map[string]state{}
	for id, s := range truth {
		if s.workspace == workspace && (owner == "" || s.owner == owner) {
			want[id] = s
		}
	}
	got := map[string]state{}
	var status string
	for after := ""; ; {
		path := "/contacts?limit=100&owner=" + owner
		if owner == "" {
			path = "/contacts?limit=100"
		}
		if after != "" {
			path += "&after=" + url.QueryEscape(after)
		}
		code, h, body := i.get(path, "Workspace", workspace)
		if code != http.StatusOK {
			return fmt.Sprintf("answered %d: %.200s", code, body)
		}
		status = h.Get("Cache-Status")
		page := pageOf(body)
		for _, item := range page.Items {
			got[item.ID] = stateOf(item.Contact)
		}
		if page.Next == nil {
			break
		}
		after = *page.Next
	}
	return difference(got, want, status)
}

func difference(got, want map[string]state, about string) string {
	if maps.Equal(got, want) {
		return ""
	}
	for id, s := range want {
		if got[id] != s {
			return fmt.Sprintf("%s is %+v, MongoDB has %+v; %d and %d in all (%s)", id, got[id], s, len(got), len(want), about)
		}
	}
	for id := range got {
		if _, there := want[id]; !there {
			return fmt.Sprintf("%s is shown and MongoDB does not have it; %d and %d in all (%s)", id, len(got), len(want), about)
		}
	}
	return ""
}

// staleKeys returns cached values in Redis that a reader could get and that differ from MongoDB.
func (c *cluster) staleKeys(truth map[string]state) (wrong []string) {
	ctx := c.t.Context()
	epoch := c.rdb.Get(ctx, key(grapevine.KeyCache+"epoch")).Val()
	keys, values := c.rdb.Scan(ctx, 0, key(grapevine.KeyCache+"*:*"), 1000).Iterator(), 0
	for keys.Next(ctx) {
		fields := c.rdb.HGetAll(ctx, keys.Val()).Val()
		if !strings.HasPrefix(fields["lease"], epoch+"/") {
			continue // invalidated: no reader gets it
		}
		id, contact := strings.CutPrefix(keys.Val(), key(grapevine.KeyCache+"contact:"))
		for field, value := range fields {
			name, ok := strings.CutPrefix(field, "=2/") // the shape of the answer; see api/reads.go
			_, body, found := bytes.Cut([]byte(value), []byte("\n"))
			switch {
			case !ok:
			case contact:
				values++
				want, there := truth[id]
				there = there && want.workspace == name
				if found != there || there && stateOf(contactOf(body)) != want {
					wrong = append(wrong, fmt.Sprintf("stale key: contact %s in %s is %.120q, MongoDB has %+v (there: %t)", id, name, value, want, there))
				}
			default:
				for _, item := range pageOf(body).Items {
					values++
					if want := truth[item.ID]; stateOf(item.Contact) != want {
						wrong = append(wrong, fmt.Sprintf("stale key: %s %s shows %s as %+v, MongoDB has %+v", keys.Val(), name, item.ID, stateOf(item.Contact), want))
					}
				}
			}
		}
	}
	require.NoError(c.t, keys.Err())
	c.logf("%d values in the cache compared", values)
	return wrong
}

// differences returns the problems that a client noticed and the differences between its model and MongoDB.
func (k *client) differences(truth map[string]state, wanted map[string]*expectation) (wrong []string) {
	model, _, f := k.snapshot()
	for _, p := range k.problems {
		wrong = append(wrong, "client of "+k.workspace+": "+p)
	}
	got, want := map[string]state{}, map[string]state{}
	for id, contact := range model {
		got[id] = stateOf(contact)
	}
	for id, s := range truth {
		if s.workspace == k.workspace {
			want[id] = s
		}
	}
	if text := difference(got, want, "model"); text != "" {
		wrong = append(wrong, "client of "+k.workspace+": "+text)
	}
	for id, n := range f.created {
		if moved := wanted[id] == nil || wanted[id].moved; n > 1 && f.rereads == 1 && !moved {
			wrong = append(wrong, fmt.Sprintf("client of %s received contact:created %d times for %s", k.workspace, n, id))
		}
	}
	return wrong
}

// effects returns contacts without their effect, and messages that were sent too often.
func (l *load) effects(m allowances) (wrong []string) {
	c := l.c
	states := c.ledgerStates()
	sent, resent := c.mail.counts(), 0
	for key, n := range sent {
		if n > 1 {
			resent += n - 1
			if resent > m.repeatedMessages {
				wrong = append(wrong, fmt.Sprintf("%s was sent %d times", key, n))
			}
		}
	}
	for id, f := range l.expected {
		if f.uncertain() {
			continue
		}
		had := sent["welcome:"+id] > 0
		switch s := states[id]; {
		case s == "done" && !had:
			wrong = append(wrong, "the ledger says that "+id+" was welcomed, but no message was sent")
		case s == "skipped" && !f.gone && f.attempt == nil:
			wrong = append(wrong, id+" was skipped although it exists")
		case s == "" && f.gone && !c.hadGap():
			wrong = append(wrong, "the ledger has no row for "+id+", which was deleted")
		case s == "" && !f.gone, s == "claimed":
			wrong = append(wrong, fmt.Sprintf("no effect for %s: the ledger says %q", id, s))
		}
	}
	c.logf("%d messages for %d contacts, %d sent again with the same key", len(sent), len(l.expected), resent)
	return wrong
}

// ledgerStates are the states of the rows of the ledger, by contact.
func (c *cluster) ledgerStates() map[string]string {
	c.t.Helper()
	cursor, err := c.db.Collection(grapevine.CollectionLedger).Find(c.t.Context(), bson.D{})
	require.NoError(c.t, err)
	var rows []struct {
		ID    bson.ObjectID `bson:"_id"`
		State string        `bson:"state"`
	}
	require.NoError(c.t, cursor.All(c.t.Context(), &rows))
	states := make(map[string]string, len(rows))
	for _, row := range rows {
		states[row.ID.Hex()] = row.State
	}
	return states
}

// haveEffects reports whether every contact whose create was acknowledged has had its effect. Call it after [load.end].
func (l *load) haveEffects() bool {
	states := l.c.ledgerStates()
	for id, f := range l.expected {
		if s := states[id]; !f.uncertain() && s != "done" && s != "skipped" {
			return false
		}
	}
	return true
}

// hadGap reports whether there was a gap. A contact that was created and deleted within a gap has no row in
// the ledger: a limit of "Every created contact gets its effect".
func (c *cluster) hadGap() bool { return len(c.gaps()) > 0 }

// report logs the figures of the run.
func (l *load) report() {
	for _, k := range l.clients {
		_, _, f := k.snapshot()
		l.c.logf("client of %s: %d joins (%d recovered), %d events, %d reads of the list, %d resyncs, degraded %d live %d, closed %v",
			k.workspace, f.joins, f.recovered, f.events, f.rereads, f.resyncs, f.degraded, f.live, f.closes)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.c.logf("%d acknowledged writes on %d contacts", l.acked, len(l.expected))
}
