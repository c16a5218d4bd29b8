package ws

import (
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

// go test -run - -bench . ./ws prints, for one event to a thousand sockets in bursts, the CPU this
// process spends per delivered frame (the readers' part included, which is the same in both), and for
// the append what a thousand changes take.

func BenchmarkAppend(b *testing.B) {
	rdb := realtest.New(b).Redis(b)
	h := NewHistory(rdb, HistoryConfig{})
	next := uint32(1)
	for b.Loop() {
		batch := make([]grapevine.Change, 1000)
		for i := range batch {
			c := person(i)
			batch[i] = grapevine.Change{
				Op: grapevine.Created, ID: c.ID, After: c, Source: grapevine.API,
				Position: grapevine.At(testSecond, next, 0), At: time.Now(),
			}
			next++
		}
		require.NoError(b, h.Apply(context.Background(), grapevine.Batch{Changes: batch}))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/1000changes")
}

const benchSockets = 1000

func BenchmarkBroadcast(b *testing.B) {
	for _, burst := range []int{1, 20, 200} {
		b.Run(fmt.Sprintf("hub/burst=%d", burst), func(b *testing.B) { broadcastHub(b, burst) })
		b.Run(fmt.Sprintf("naive/burst=%d", burst), func(b *testing.B) { broadcastNaive(b, burst) })
	}
}

func broadcastHub(b *testing.B, burst int) {
	b.Helper()
	rdb := realtest.New(b).Redis(b)
	h := NewHistory(rdb, HistoryConfig{})
	require.NoError(b, h.Apply(b.Context(), grapevine.Batch{Changes: []grapevine.Change{{Op: grapevine.Heartbeat, Position: grapevine.At(testSecond, 0, 0)}}}))
	hub := NewHub(h, HubConfig{PingEvery: time.Hour}) // pings would be counted
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/ws", hub.Contacts())
	addr := listen(b, app)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- hub.Run(ctx) }()
	r := newReaders(b, addr, true)
	next := uint32(1)
	r.measure(b, burst, func() int {
		batch := make([]grapevine.Change, burst)
		for i := range batch {
			c := person(i)
			batch[i] = grapevine.Change{
				Op: grapevine.Created, ID: c.ID, After: c, Source: grapevine.API,
				Position: grapevine.At(testSecond, next, 0), At: time.Unix(testSecond, 0),
			}
			next++
		}
		require.NoError(b, h.Apply(context.Background(), grapevine.Batch{Changes: batch}))
		size := 0
		for i := range batch {
			rec, _ := render(&batch[i])
			d := deliveries(rec.to, rec.body, "")
			size += d[0].frame().size()
		}
		return size
	})
	require.NoError(b, hub.Close(b.Context()))
	cancel()
	require.NoError(b, <-ended)
}

// broadcastNaive is what the library's examples do: a set of connections, and a write for each frame.
func broadcastNaive(b *testing.B, burst int) {
	b.Helper()
	var mu sync.Mutex
	conns := map[*websocket.Conn]struct{}{}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/ws", websocket.New(func(c *websocket.Conn) {
		mu.Lock()
		conns[c] = struct{}{}
		mu.Unlock()
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				break
			}
		}
		mu.Lock()
		delete(conns, c)
		mu.Unlock()
	}))
	addr := listen(b, app)
	r := newReaders(b, addr, false)
	require.Eventually(b, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(conns) == benchSockets
	}, soon, poll)
	rec, err := render(&grapevine.Change{
		Op: grapevine.Created, ID: person(1).ID, After: person(1), Position: grapevine.At(testSecond, 1, 0), Source: grapevine.API,
	})
	require.NoError(b, err)
	message := deliveries(rec.to, rec.body, "")[0].frame()
	r.measure(b, burst, func() int {
		mu.Lock()
		defer mu.Unlock()
		for range burst {
			for c := range conns {
				_ = c.WriteMessage(websocket.TextMessage, []byte(payload(message)))
			}
		}
		return burst * message.size()
	})
}

func listen(b *testing.B, app *fiber.App) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go func() { _ = app.Listener(l) }()
	b.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	return l.Addr().String()
}

// readers are raw connections that only count bytes, so that the server's cost shows.
type readers struct {
	got   atomic.Int64
	ready atomic.Int64
	want  atomic.Int64
	all   chan struct{} // got has reached want
}

func newReaders(b *testing.B, addr string, join bool) *readers {
	b.Helper()
	r := &readers{all: make(chan struct{}, 1)}
	for range benchSockets {
		conn, err := net.Dial("tcp", addr)
		require.NoError(b, err)
		b.Cleanup(func() { conn.Close() })
		request := "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
		if join {
			body := `{"op":"join","room":"workspace:default"}`
			request += string([]byte{0x81, 0x80 | byte(len(body)), 0, 0, 0, 0}) + body // masked with zeros
		}
		_, err = io.WriteString(conn, request)
		require.NoError(b, err)
		go func() {
			buf := make([]byte, 64<<10)
			head := true
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				if head {
					head = false
					r.ready.Add(1)
				}
				if r.got.Add(int64(n)) >= r.want.Load() {
					select {
					case r.all <- struct{}{}:
					default:
					}
				}
			}
		}()
	}
	return r
}

func (r *readers) measure(b *testing.B, burst int, send func() int) {
	b.Helper()
	settled := int64(-1)
	require.Eventually(b, func() bool { // the handshakes and acks are in
		was := settled
		settled = r.got.Load()
		return r.ready.Load() == benchSockets && was == settled
	}, 30*time.Second, 500*time.Millisecond)
	before := cpu()
	frames := 0
	for total := r.got.Load(); b.Loop(); {
		r.want.Store(math.MaxInt64)
		total += int64(send()) * benchSockets
		frames += burst * benchSockets
		r.want.Store(total)
		for r.got.Load() < total {
			<-r.all
		}
	}
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(frames)/1000, "µsCPU/frame")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/burst")
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
