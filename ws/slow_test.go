package ws

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest/wsclient"
)

// stuck is a client that joins a room and then reads only when the test does.
func (p *instance) stuck(room string) *wsclient.Conn {
	p.t.Helper()
	small := wsclient.Dialer{ReceiveBuffer: 128 << 10} // fixed, so that a few MB fill the buffers of the kernel
	conn, _, err := small.Dial(p.t.Context(), "ws://"+p.addr+"/ws/contacts")
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(p.t, conn.WriteMessage(1, []byte(`{"op":"join","ref":"1","room":"`+room+`"}`)))
	_, ack, err := conn.ReadMessage()
	require.NoError(p.t, err)
	require.Contains(p.t, string(ack), `"op":"ack"`)
	return conn
}

// anyBlocked reports whether a client does not take what the hub writes to it.
func (p *instance) anyBlocked() bool {
	p.hub.mu.RLock()
	defer p.hub.mu.RUnlock()
	for s := range p.hub.sockets {
		if since := s.writingSince.Load(); since != 0 && p.hub.now()-since > int64(50*time.Millisecond) {
			return true
		}
	}
	return false
}

// anyClosing reports whether the hub has begun to close a socket.
func (p *instance) anyClosing() bool {
	p.hub.mu.RLock()
	defer p.hub.mu.RUnlock()
	for s := range p.hub.sockets {
		if s.ctx.Err() != nil {
			return true
		}
	}
	return false
}

// flood writes n changes of 8 kB each.
func (w *harness) flood(n int) (positions []grapevine.Position) {
	w.t.Helper()
	for n > 0 {
		var batch []grapevine.Change
		for range min(n, 100) {
			c := w.created(n)
			c.After.Notes = strings.Repeat("n", 8<<10)
			batch = append(batch, c)
			positions = append(positions, c.Position)
			n--
		}
		w.apply(batch...)
	}
	return positions
}

// floodUntil writes changes of 8 kB until done is true. It writes no more than needed: if the test kept the
// machine busy for long, the clients that do read would seem slow too.
func (w *harness) floodUntil(done func() bool) (positions []grapevine.Position) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); {
		require.True(w.t, time.Now().Before(deadline), "the flood has no effect")
		positions = append(positions, w.flood(20)...)
	}
	return positions
}

func TestASlowClientIsClosedAndTheOthersAreNot(t *testing.T) {
	w := newHarness(t, events.Config{})
	first := w.created(0)
	w.apply(first)
	p := w.open(Config{Stall: 3 * time.Second, WriteWithin: time.Minute})
	slow := p.stuck("workspace:default")
	good := p.dial()
	good.Join("workspace:default", "")
	want := w.floodUntil(p.anyClosing)
	require.NoError(t, slow.SetReadDeadline(time.Now().Add(time.Minute))) // a close of the wrong client must not hang the test
	// It reads again before the write times out, so it gets the close frame.
	var err error
	last := ""
	for err == nil {
		var b []byte
		if _, b, err = slow.ReadMessage(); err == nil {
			last = string(b)
		}
	}
	code, reason := wsclient.CloseCode(err)
	require.Equal(t, 4008, code)
	require.Equal(t, "slow", reason)
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 1 }, soon, poll)
	require.EqualValues(t, 1, p.hub.Stats().Slow)
	good.collect(want)

	// No event was skipped before the close, so it can resume from the last one.
	at := strings.SplitN(strings.SplitN(last, `"position":"`, 2)[1], `"`, 2)[0]
	seen := 0
	for i, pos := range want {
		if pos.String() == at {
			seen = i + 1
		}
	}
	require.Positive(t, seen)
	back := p.dial()
	require.True(t, *back.Join("workspace:default", at).Recovered)
	back.collect(want[seen:])
}

func TestAClientThatNeverReadsIsClosed(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(0))
	p := w.open(Config{WriteWithin: 300 * time.Millisecond})
	p.stuck("workspace:default")
	w.floodUntil(func() bool { return p.hub.Stats().Sockets == 0 })
	require.EqualValues(t, 1, p.hub.Stats().Slow)
}

// A burst longer than the queue closes no client that reads, and arrives completely.
func TestABurstLongerThanTheQueue(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(0))
	p := w.open(Config{MaxQueue: 8 << 10, MaxMemory: 256 << 10})
	clients := make([]*client, 10)
	for i := range clients {
		clients[i] = p.dial()
		clients[i].Join("workspace:default", "")
	}
	var want []grapevine.Position
	for n := range 4 {
		var batch []grapevine.Change
		for i := range 500 {
			batch = append(batch, w.created(500*n+i))
			want = append(want, batch[i].Position)
		}
		w.apply(batch...)
	}
	for _, c := range clients {
		c.collect(want)
	}
	require.Positive(t, p.hub.Stats().Overflows)
	require.Zero(t, p.hub.Stats().Slow)
	live := w.created(1)
	w.apply(live)
	for _, c := range clients {
		c.collect([]grapevine.Position{live.Position})
	}
}

// If the log is trimmed past the position of a replaying client, the client is closed. No event is skipped.
func TestTrimmedUnderAReplay(t *testing.T) {
	w := newHarness(t, events.Config{})
	first := w.created(0)
	w.apply(first)
	w.flood(2500)
	p := w.open(Config{MaxMemory: 64 << 10, WriteWithin: time.Minute})
	slow := p.stuck("workspace:other")
	require.NoError(t, slow.WriteMessage(1, []byte(`{"op":"join","ref":"2","room":"workspace:default","since":"`+first.Position.String()+`"}`)))
	require.Eventually(t, p.anyBlocked, soon, poll)
	require.NoError(t, w.rdb.XTrimMaxLen(t.Context(), w.key, 1).Err())
	var err error
	for err == nil {
		_, _, err = slow.ReadMessage()
	}
	code, _ := wsclient.CloseCode(err)
	require.Equal(t, 4008, code)
	require.EqualValues(t, 1, p.hub.Stats().Holes)
}
