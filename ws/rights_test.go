package ws

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest/wsclient"
)

// people are the principals of a test, by the header "Who" of the handshake.
var people = map[string]*grapevine.Principal{
	"viewer":   {Kind: grapevine.ByUser, ID: "viewer", Session: "s1", Roles: map[string]grapevine.Role{"a": grapevine.Viewer}},
	"token":    {Kind: grapevine.ByToken, ID: "token", Roles: map[string]grapevine.Role{"a": grapevine.Editor}},
	"admin":    {Kind: grapevine.ByUser, ID: "admin", Session: "s2", Admin: true},
	"metrics":  {Kind: grapevine.ByToken, ID: "metrics", Metrics: true},
	"unproven": {Kind: grapevine.ByToken, ID: "unproven", Roles: map[string]grapevine.Role{"a": grapevine.Viewer}, Unproven: true},
}

// rights follows the principals of a test and ends their rights when the test does.
type rights struct {
	mu       sync.Mutex
	ends     map[string][]func(End) // by principal and workspace
	followed int
	current  func(*grapevine.Principal) (*grapevine.Principal, error)
}

// config is a hub with sign-in whose page is https://crm.example.
func (r *rights) config() Config {
	r.ends = map[string][]func(End){}
	return Config{
		Origins:   []string{"https://crm.example"},
		Principal: func(c *fiber.Ctx) *grapevine.Principal { return people[c.Get("Who")] },
		Current: func(_ context.Context, p *grapevine.Principal) (*grapevine.Principal, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.current == nil {
				return p, nil
			}
			return r.current(p)
		},
		Follow: func(p *grapevine.Principal, workspace string, ended func(End)) func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.ends[p.ID+"@"+workspace] = append(r.ends[p.ID+"@"+workspace], ended)
			r.followed++
			return func() {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.followed--
			}
		},
	}
}

func (r *rights) end(who string, why End) {
	r.mu.Lock()
	ended := r.ends[who]
	r.mu.Unlock()
	for _, f := range ended {
		f(why)
	}
}

func (r *rights) answer(current func(*grapevine.Principal) (*grapevine.Principal, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = current
}

func TestWhoMayHaveASocket(t *testing.T) {
	p := newHarness(t, events.Config{}).open((&rights{}).config())
	const contacts, pipeline, page = "/ws/contacts?workspace=a", "/ws/pipeline", "https://crm.example"
	for _, test := range []struct {
		who, path, origin string
		status            int
	}{
		{"", contacts, page, 401},
		{"", pipeline, "", 401},
		{"viewer", contacts, page, 101},
		{"viewer", contacts, "HTTPS://CRM.example", 101},
		{"viewer", contacts, "", 403},
		{"viewer", contacts, "https://evil.example", 403},
		{"viewer", contacts, "http://crm.example", 403},
		{"viewer", contacts, "http://" + p.addr, 403}, // Host is what the client says
		{"viewer", contacts, "null", 403},
		{"viewer", "/ws/contacts?workspace=b", page, 403},
		{"viewer", "/ws/contacts", page, 403},
		{"viewer", pipeline, page, 403},
		{"token", contacts, "", 101},
		{"token", contacts, "https://evil.example", 101},
		{"token", "/ws/contacts?workspace=b", "", 403},
		{"token", pipeline, "", 403},
		{"metrics", contacts, "", 403},
		{"metrics", pipeline, "", 403},
		{"admin", contacts, page, 101},
		{"admin", "/ws/contacts?workspace=any", page, 101},
		{"admin", pipeline, page, 101},
		{"admin", pipeline, "", 403},
		{"unproven", contacts, "", 503},
	} {
		header := []string{"Who", test.who}
		if test.origin != "" {
			header = append(header, "Origin", test.origin)
		}
		conn, status, err := p.connect(test.path, header...)
		require.Equal(t, test.status, status, "%+v", test)
		if err == nil {
			require.NoError(t, conn.Close())
		}
	}
}

func TestARightEnds(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	r := &rights{}
	p := w.open(r.config())
	for why, reason := range map[End]string{EndSignedOut: "signed-out", EndForbidden: "forbidden", EndUnavailable: "try again later"} {
		a := p.dialIn("a", "Who", "token")
		other := p.dialIn("b", "Who", "admin", "Origin", "https://crm.example")
		pipeline := p.dialTo("/ws/pipeline", "Who", "admin", "Origin", "https://crm.example")
		for c, room := range map[*client]string{a: "workspace:a", other: "workspace:b", pipeline: "pipeline"} {
			c.Join(room, "")
		}
		r.end("token@a", why)
		code, text := wsclient.CloseCode(a.Err())
		require.Equal(t, int(why), code)
		require.Equal(t, reason, text)
		r.end("admin@", why)
		require.Equal(t, int(why), pipeline.CloseCode())
		other.Send(`{"op":"ping","ref":"still"}`)
		require.Equal(t, "still", other.Read().Ref, "the right to another workspace goes on")
		other.Close()
		require.Eventually(t, func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.followed == 0 && p.hub.Stats().Sockets == 0
		}, soon, poll, "the following ends with the socket")
		r.end("token@a", why) // too late, and of no effect
	}
}

// Each join looks at the right again.
func TestAJoinAfterTheRightEnded(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	r := &rights{}
	p := w.open(r.config())
	unavailableNow := func(*grapevine.Principal) (*grapevine.Principal, error) {
		return nil, &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB does not answer."}
	}
	c := p.dialIn("a", "Who", "token")
	c.Join("workspace:a", "")
	for _, answer := range []func(*grapevine.Principal) (*grapevine.Principal, error){
		unavailableNow, func(*grapevine.Principal) (*grapevine.Principal, error) { return people["unproven"], nil },
	} {
		r.answer(answer)
		c.Send(`{"op":"join","ref":"x","room":"owner:ann"}`)
		require.Equal(t, "unavailable", c.Read().Code)
	}
	change := w.created(2)
	change.After.Workspace = "a"
	w.apply(change)
	require.Equal(t, "workspace:a", c.Read().Room, "what was joined goes on")

	for code, answer := range map[int]func(*grapevine.Principal) (*grapevine.Principal, error){
		4401: func(*grapevine.Principal) (*grapevine.Principal, error) {
			return nil, &grapevine.Error{Code: grapevine.Unauthorized, Message: "There is no such token."}
		},
		4403: func(*grapevine.Principal) (*grapevine.Principal, error) { return people["metrics"], nil },
	} {
		r.answer(nil)
		c := p.dialIn("a", "Who", "token")
		r.answer(answer)
		c.Send(`{"op":"join","ref":"x","room":"workspace:a"}`)
		require.Equal(t, code, c.CloseCode())
	}
}

// A client with a full queue reads on after the end of its right: it gets what was on the way, the close frame and nothing
// else.
func TestNothingOfAFullQueueFollowsTheEnd(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(0))
	r := &rights{}
	config := r.config()
	config.Stall, config.WriteWithin = time.Hour, time.Minute
	config.Principal = func(*fiber.Ctx) *grapevine.Principal {
		return &grapevine.Principal{Kind: grapevine.ByToken, ID: "token", Roles: map[string]grapevine.Role{"default": grapevine.Viewer}}
	}
	p := w.open(config)
	slow := p.stuck("workspace:default")
	positions := w.floodUntil(p.anyBlocked)
	w.flood(100)
	written := p.hub.metrics.bytes.Load()
	r.end("token@default", EndSignedOut)
	require.NoError(t, slow.SetReadDeadline(time.Now().Add(soon)))
	got := int64(0)
	var err error
	for err == nil {
		var b []byte
		if _, b, err = slow.ReadMessage(); err == nil {
			got += int64(len(b))
		}
	}
	code, _ := wsclient.CloseCode(err)
	require.Equal(t, 4401, code, err)
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 0 }, soon, poll)
	// The write that the end interrupted is in the count, but not what is behind it.
	require.Less(t, p.hub.metrics.bytes.Load()-written, int64(writeBuffer+(10<<10)))
	require.Less(t, got, int64(len(positions)*(10<<10)))
}

// The frame of which a part is out is completed, because the close frame could not follow otherwise.
func TestAnInterruptedWriteEndsWithItsFrame(t *testing.T) {
	h := NewHub(nil, nil, Config{WriteWithin: time.Minute})
	server, reader := net.Pipe()
	defer reader.Close()
	s := newSocket(contactsNamespace, &admission{workspace: "a"}, 1<<20, &h.metrics.slow)
	c := &conn{hub: h, socket: s, net: server}
	s.interrupt = c.interrupt
	one, two := textFrame(strings.Repeat("1", 200)), textFrame(strings.Repeat("2", 200))
	s.enqueue(one)
	s.enqueue(two)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		newWriter(c).run()
		server.Close()
	}()
	head := make([]byte, 50)
	n, err := reader.Read(head) // the writer is within the first frame now
	require.NoError(t, err)
	s.end(EndForbidden)
	s.enqueue(two)
	require.Eventually(t, func() bool { return h.metrics.bytes.Load() == int64(n) }, soon, poll, "the write in progress ends")
	var rest []byte
	for buf := make([]byte, 1024); ; {
		n, err := reader.Read(buf)
		rest = append(rest, buf[:n]...)
		if err != nil {
			break
		}
	}
	<-ended
	got := string(head[:n]) + string(rest)
	want := one.appendTo(nil)
	require.Equal(t, string(want), got[:len(want)])
	require.Equal(t, "\x88\x0b\x11\x33forbidden", got[len(want):])
}

func TestTheEndOfAFrame(t *testing.T) {
	var all []byte
	ends := []int{0}
	for _, n := range []int{0, 1, 125, 126, 65535, 65536} {
		all = textFrame(strings.Repeat("x", n)).appendTo(all)
		ends = append(ends, len(all))
	}
	for i, end := range ends[1:] {
		require.Equal(t, end, frameEnd(all, end))
		require.Equal(t, end, frameEnd(all, ends[i]+1))
		require.Equal(t, end, frameEnd(all, end-1))
	}
	require.Zero(t, frameEnd(all, 0))
}
