package ws

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	fasthttpws "github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest/wsclient"
)

func TestOriginIsClosedWith4403(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{Origins: []string{"https://ok.example"}})
	for _, path := range []string{"/ws/contacts", "/ws/pipeline"} {
		require.Equal(t, 4403, p.dialTo(path, "Origin", "http://evil.example").CloseCode())
		c := p.dialTo(path, "Origin", "https://ok.example")
		c.Send(`{"op":"ping"}`)
		require.Equal(t, "ack", c.Until("ack").Op)
		c = p.dialTo(path, "Origin", "http://"+p.addr)
		c.Send(`{"op":"ping"}`)
		require.Equal(t, "ack", c.Until("ack").Op)
	}
}

func TestHowManySockets(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{
		MaxSockets: 5, MaxPerIP: 2, Client: func(c *fiber.Ctx) string { return c.Get(fiber.HeaderXForwardedFor) },
	})
	for range 2 {
		p.dial("X-Forwarded-For", "192.0.2.1")
	}
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 2 }, soon, poll)
	_, status, err := p.connect("/ws/contacts", "X-Forwarded-For", "192.0.2.1")
	require.Error(t, err)
	require.Equal(t, http.StatusTooManyRequests, status)
	var open []*client
	for range 3 {
		open = append(open, p.dial("X-Forwarded-For", "127.0.0.1"))
	}
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 5 }, soon, poll)
	_, status, err = p.connect("/ws/contacts", "X-Forwarded-For", "192.0.2.2")
	require.Error(t, err)
	require.Equal(t, http.StatusServiceUnavailable, status)
	open[0].Close()
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 4 }, soon, poll)
	p.dial("X-Forwarded-For", "192.0.2.2")
}

func TestAPlainRequestIsToldToUpgrade(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.addr+"/ws/contacts", http.NoBody)
	require.NoError(t, err)
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusUpgradeRequired, response.StatusCode)
}

func TestCloseSays1001(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	p := w.open(Config{})
	clients := make([]*client, 50)
	for i := range clients {
		clients[i] = p.dial()
		clients[i].Join("workspace:default", "")
	}
	require.NoError(t, p.hub.Close(t.Context()))
	for _, c := range clients {
		require.Equal(t, 1001, c.CloseCode())
	}
	require.Zero(t, p.hub.Stats().Sockets)
	_, status, err := p.connect("/ws/contacts")
	require.Error(t, err)
	require.Equal(t, http.StatusServiceUnavailable, status)
}

// A socket whose handshake ends while the hub closes is told the same as one that was open before.
func TestCloseSays1001ToASocketThatIsJustOpening(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	p := w.open(Config{})
	opened := make(chan *wsclient.Conn, 200)
	var dialing sync.WaitGroup
	for range cap(opened) {
		dialing.Go(func() {
			if conn, _, err := p.connect("/ws/contacts"); err == nil {
				opened <- conn
			}
		})
	}
	first := <-opened
	require.NoError(t, p.hub.Close(t.Context()))
	dialing.Wait()
	opened <- first
	close(opened)
	for conn := range opened {
		_, err := conn.Read(10 * time.Second)
		code, _ := wsclient.CloseCode(err)
		require.Equal(t, 1001, code, err)
		require.NoError(t, conn.Close())
	}
}

func TestCloseIsBounded(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	p := w.open(Config{WriteWithin: time.Hour, Stall: time.Hour}) // only Close ends the socket
	p.stuck("workspace:default")
	w.floodUntil(p.anyBlocked)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, p.hub.Close(ctx), context.DeadlineExceeded)
}

func TestPipeline(t *testing.T) {
	w := newHarness(t, events.Config{})
	a, b := w.open(Config{}), w.open(Config{})
	one, two, other := a.dialTo("/ws/pipeline"), b.dialTo("/ws/pipeline"), a.dial()
	other.Join("workspace:default", "")
	require.Eventually(t, func() bool { return a.hub.Stats().Rooms == 2 && b.hub.Stats().Rooms == 1 }, soon, poll)
	signal := map[string]any{"event": "job:completed", "room": "pipeline", "task": "welcome:1"}
	require.NoError(t, w.signals.Send(t.Context(), signal))
	for _, c := range []*client{one, two} {
		require.JSONEq(t, `{"event":"job:completed","room":"pipeline","task":"welcome:1"}`, c.Read().Text)
	}
	one.Send(`{"op":"join","ref":"x","room":"workspace:default"}`)
	require.Equal(t, "unknown-room", one.Read().Code)
	one.Send(`{"op":"leave","ref":"y","room":"pipeline"}`)
	require.Equal(t, "ack", one.Read().Op)
	require.NoError(t, w.signals.Send(t.Context(), signal))
	require.Equal(t, "job:completed", two.Read().Event)
	one.Join("pipeline", "")
	require.NoError(t, w.signals.Send(t.Context(), signal))
	require.Equal(t, "job:completed", one.Read().Event)
	require.Empty(t, other.Pending())
	require.Error(t, w.signals.Send(t.Context(), map[string]any{"event": "x"}))
	require.Error(t, w.signals.Send(t.Context(), "x"))
}

func TestDegradedAndBack(t *testing.T) {
	w := newHarness(t, events.Config{})
	beat := w.heartbeat()
	w.apply(beat)
	var mono atomic.Int64
	clock := &grapevine.Clock{Monotonic: func() time.Duration { return time.Duration(mono.Load()) }}
	p := w.open(Config{Clock: clock})
	early := p.dial()
	early.Send(`{"op":"join","ref":"j","room":"workspace:default"}`)
	require.Equal(t, "ack", early.Read().Op)
	require.Equal(t, "degraded", early.Read().State, "the hub does not know MongoDB's time yet")
	clock.Observe(beat.Position.T(), beat.Position.I())
	require.Equal(t, "live", early.Read().State)
	live := p.dial()
	live.Join("workspace:default", "")
	mono.Store(int64(6 * time.Second))
	late := p.dialTo("/ws/pipeline")
	for _, c := range []*client{early, live, late} {
		require.Equal(t, "degraded", c.Read().State)
	}
	fresh := grapevine.NewPosition(testSecond+6, 0, 0)
	w.apply(grapevine.Change{Op: grapevine.Heartbeat, Position: fresh})
	for _, c := range []*client{early, live, late} {
		require.Equal(t, "live", c.Read().State)
	}
	require.Empty(t, live.Pending())
}

// A connection goes back to a pool when its handler returns. A frame that is written later would reach the
// next client, which the race detector would notice.
func TestConnectionsAreNotMixedUp(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(0))
	p := w.open(Config{})
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	all.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			c := w.created(n)
			c.After.Workspace = []string{"a", "b"}[n%2]
			if err := w.log.Apply(context.WithoutCancel(ctx), w.batch([]grapevine.Change{c})); err != nil {
				t.Error(err)
			}
		}
	})
	var clients sync.WaitGroup
	for i := range 8 {
		workspace := []string{"a", "b"}[i%2]
		clients.Go(func() {
			for range 40 {
				conn, _, err := p.connect("/ws/contacts")
				if err != nil {
					t.Error(err)
					return
				}
				_ = conn.WriteMessage(1, []byte(`{"op":"join","ref":"`+workspace+`","room":"workspace:`+workspace+`"}`))
				for range 3 {
					_, b, err := conn.ReadMessage()
					if err != nil || !strings.Contains(string(b), `"room":"workspace:`+workspace+`"`) {
						t.Errorf("%s %v", b, err)
					}
				}
				_ = conn.Close() // without a close frame
			}
		})
	}
	clients.Wait()
	cancel()
	all.Wait()
	require.Eventually(t, func() bool { s := p.hub.Stats(); return s.Sockets == 0 && s.Rooms == 0 }, soon, poll)
}

func TestControlFrames(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{PingEvery: 20 * time.Millisecond, PongWithin: 200 * time.Millisecond})
	conn, _, err := p.connect("/ws/contacts")
	require.NoError(t, err)
	defer conn.Close()
	pongs, pings := make(chan string, 10), make(chan string, 100)
	silent := atomic.Bool{}
	conn.SetPongHandler(func(s string) error { pongs <- s; return nil })
	conn.SetPingHandler(func(s string) error {
		if silent.Load() {
			return nil
		}
		pings <- s
		return conn.WriteControl(fasthttpws.PongMessage, []byte(s), time.Now().Add(time.Second))
	})
	ended := make(chan error, 1)
	go func() {
		_, _, err := conn.ReadMessage()
		ended <- err
	}()
	require.NoError(t, conn.WriteControl(fasthttpws.PingMessage, []byte("hello"), time.Now().Add(time.Second)))
	require.Equal(t, "hello", <-pongs)
	for range 20 { // for twice PongWithin
		<-pings
	}
	require.Equal(t, 1, p.hub.Stats().Sockets)
	silent.Store(true)
	require.Error(t, <-ended)
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 0 }, soon, poll)
}

// One customer has a whole /64 of IPv6 addresses, so they are counted together.
func TestSocketsOfOneNetworkAreCountedTogether(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{
		MaxPerIP: 2, Client: func(c *fiber.Ctx) string { return c.Get(fiber.HeaderXForwardedFor) },
	})
	for _, ip := range []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "::1", "::1", "::1", "192.0.2.1", "192.0.2.2", "192.0.2.3"} {
		p.dial("X-Forwarded-For", ip)
	}
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 9 }, soon, poll)
	_, status, err := p.connect("/ws/contacts", "X-Forwarded-For", "2001:db8::3")
	require.Error(t, err)
	require.Equal(t, http.StatusTooManyRequests, status)
}
