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
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest"
	"grapevine/internal/redisx"
)

// go test -run - -bench . ./ws prints the CPU that this process spends per delivered frame, for events that
// go to a thousand sockets in bursts. It includes the readers, which are the same in both cases.

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
	log := events.New(rdb, events.Config{})
	require.NoError(b, log.Apply(b.Context(), grapevine.Batch{Changes: []grapevine.Change{{Op: grapevine.Heartbeat, Position: grapevine.NewPosition(testSecond, 0, 0)}}}))
	follow := redis.NewClient(redisx.ForFollower(rdb.Options()))
	b.Cleanup(func() { follow.Close() })
	reader := events.NewLogReader(follow, "")
	hub := NewHub(reader, events.NewSignals(rdb, ""), Config{PingEvery: time.Hour}) // pings would be counted
	follower := events.NewFollower(reader, events.FollowerConfig{Handler: hub})
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/ws", hub.Contacts())
	addr := listen(b, app)
	ctx, cancel := context.WithCancel(context.Background())
	var parts errgroup.Group
	parts.Go(func() error { return hub.Run(ctx) })
	parts.Go(func() error { return follower.Run(ctx) })
	r := newReaders(b, addr, true)
	size := frameSizes(b, burst)
	next := uint32(1)
	r.measure(b, burst, func() int {
		batch := make([]grapevine.Change, burst)
		for i := range batch {
			c := person(i)
			batch[i] = grapevine.Change{
				Op: grapevine.Created, ID: c.ID, After: c, Source: grapevine.API,
				Position: grapevine.NewPosition(testSecond, next, 0), At: time.Unix(testSecond, 0),
			}
			next++
		}
		require.NoError(b, log.Apply(context.Background(), grapevine.Batch{Changes: batch}))
		return size
	})
	require.NoError(b, hub.Close(b.Context()))
	cancel()
	require.NoError(b, parts.Wait())
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
	message := benchFrames(b, 1)[0]
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

// benchFrames are the frames of the first n changes in the room workspace:default.
func benchFrames(b *testing.B, n int) []*frame {
	b.Helper()
	rdb := realtest.New(b).Redis(b)
	batch := make([]grapevine.Change, n)
	for i := range batch {
		c := person(i)
		batch[i] = grapevine.Change{
			Op: grapevine.Created, ID: c.ID, After: c, Source: grapevine.API,
			Position: grapevine.NewPosition(testSecond, uint32(i+1), 0), At: time.Unix(testSecond, 0),
		}
	}
	require.NoError(b, events.New(rdb, events.Config{}).Apply(b.Context(), grapevine.Batch{Changes: batch}))
	found, err := events.NewLogReader(rdb, "").UpTo(b.Context(), batch[n-1].Position, int64(n))
	require.NoError(b, err)
	frames := make([]*frame, n)
	for i, e := range newEntries(found) {
		frames[i] = e.frame(0)
	}
	return frames
}

// frameSizes is the size of a burst's frames. It is the same for each burst.
func frameSizes(b *testing.B, burst int) (size int) {
	b.Helper()
	for _, f := range benchFrames(b, burst) {
		size += f.size()
	}
	return size
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
