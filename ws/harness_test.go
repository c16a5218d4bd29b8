package ws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/wsclient"
	"grapevine/internal/redisx"
)

func TestMain(m *testing.M) { realtest.Main(m) }

const soon = 10 * time.Second

// harness is the Redis of one test, with an event log in it.
type harness struct {
	t       *testing.T
	rdb     *redis.Client
	key     string // of the event log
	log     *events.Log
	reader  *events.LogReader
	signals *events.Signals
	fence   *grapevine.Fence // of the next batch; apply moves Applied
	next    uint32           // increment of the next position
}

func newHarness(t *testing.T, cfg events.Config) *harness {
	t.Helper()
	env := realtest.New(t)
	rdb := env.Redis(t)
	w := &harness{t: t, fence: &grapevine.Fence{}, next: 1}
	w.use(rdb, cfg)
	return w
}

// use puts the event log into rdb.
func (w *harness) use(rdb *redis.Client, cfg events.Config) {
	follow := redis.NewClient(redisx.ForFollower(rdb.Options()))
	w.t.Cleanup(func() { follow.Close() })
	w.rdb, w.key, w.log = rdb, cfg.Prefix+grapevine.KeyEvents, events.New(rdb, cfg)
	w.reader, w.signals = events.NewLogReader(follow, cfg.Prefix), events.NewSignals(rdb, cfg.Prefix)
}

const testSecond = 1_790_000_000

func (w *harness) position() grapevine.Position {
	p := grapevine.NewPosition(testSecond, w.next, 0)
	w.next++
	return p
}

func (w *harness) apply(changes ...grapevine.Change) {
	w.t.Helper()
	require.NoError(w.t, w.log.Apply(w.t.Context(), w.batch(changes)))
	if len(changes) > 0 {
		w.fence.Applied = changes[len(changes)-1].Position
	}
}

// batch is the batch that the watcher would make of the changes.
func (w *harness) batch(changes []grapevine.Change) grapevine.Batch {
	return grapevine.Batch{Changes: changes, Fence: *w.fence}
}

// created is the creation of the n-th contact, at the next position.
func (w *harness) created(n int) grapevine.Change {
	c := person(n)
	return grapevine.Change{
		Op: grapevine.Created, Position: w.position(), At: time.Unix(testSecond, 123_000_000), ID: c.ID, After: c,
		Source: grapevine.API,
	}
}

func (w *harness) heartbeat() grapevine.Change {
	return grapevine.Change{Op: grapevine.Heartbeat, Position: w.position()}
}

func person(n int) *grapevine.Contact {
	return &grapevine.Contact{
		ID: fmt.Sprintf("%024x", n), Workspace: "default", Kind: grapevine.Person,
		FirstName: "Ada", LastName: fmt.Sprint("Nr ", n), FullName: fmt.Sprint("Ada Nr ", n),
		Emails: []grapevine.Entry{}, Phones: []grapevine.Entry{}, URLs: []grapevine.Entry{}, Addresses: []grapevine.Address{},
		Dates: []grapevine.Entry{}, Related: []grapevine.Entry{}, Custom: []grapevine.Entry{}, Tags: []string{},
		CreatedAt: grapevine.Time{Time: time.Unix(testSecond, 0)}, UpdatedAt: grapevine.Time{Time: time.Unix(testSecond, 0)},
	}
}

// instance is a hub and its follower behind an HTTP server.
type instance struct {
	t        *testing.T
	hub      *Hub
	follower *events.Follower
	addr     string
	stop     context.CancelFunc
}

// open starts an instance that follows the event log.
func (w *harness) open(cfg Config) *instance {
	w.t.Helper()
	p := w.serve(cfg)
	p.run()
	select {
	case <-p.follower.Ready():
	case <-time.After(soon):
		w.t.Fatal("the follower has not begun")
	}
	return p
}

// serve makes an instance that answers, but does not follow the event log before run.
func (w *harness) serve(cfg Config) *instance {
	w.t.Helper()
	p := serveHub(w.t, NewHub(w.reader, w.signals, cfg))
	p.follower = events.NewFollower(w.reader, events.FollowerConfig{Handler: p.hub, Logger: cfg.Logger})
	return p
}

func (p *instance) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var parts errgroup.Group
	parts.Go(func() error { return p.follower.Run(ctx) })
	parts.Go(func() error { return p.hub.Run(ctx) })
	p.stop = cancel
	p.t.Cleanup(func() {
		cancel()
		require.NoError(p.t, parts.Wait())
	})
}

// serveHub mounts the hub in an app on a free port.
func serveHub(t *testing.T, hub *Hub) *instance {
	t.Helper()
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true, Immutable: true,
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			var e *grapevine.Error
			if errors.As(err, &e) {
				return c.Status(map[grapevine.Code]int{grapevine.BadRequest: 400, grapevine.TooMany: 429, grapevine.Unavailable: 503}[e.Code]).SendString(e.Message)
			}
			return fiber.DefaultErrorHandler(c, err)
		},
	})
	app.Get("/ws/contacts", hub.Contacts())
	app.Get("/ws/pipeline", hub.Pipeline())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		require.NoError(t, hub.Close(ctx))
		require.NoError(t, app.Shutdown())
		require.NoError(t, <-served)
	})
	return &instance{t: t, hub: hub, addr: listener.Addr().String()}
}

// client is one socket of a test.
type client struct {
	*wsclient.Client
	t *testing.T
}

func (p *instance) dial(header ...string) *client { return p.dialTo("/ws/contacts", header...) }

func (p *instance) dialTo(path string, header ...string) *client {
	p.t.Helper()
	return &client{wsclient.Open(p.t, "ws://"+p.addr+path, header...), p.t}
}

// connect opens a socket without reading it.
func (p *instance) connect(path string, header ...string) (conn *wsclient.Conn, status int, err error) {
	return wsclient.Dial(p.t.Context(), "ws://"+p.addr+path, header...)
}

const poll = 5 * time.Millisecond

// loseTail makes the event log end at last, as a failover does.
func (w *harness) loseTail(last grapevine.Position) {
	w.t.Helper()
	ctx := w.t.Context()
	found, err := w.rdb.XRange(ctx, w.key, "-", last.String()).Result()
	require.NoError(w.t, err)
	pipe := w.rdb.TxPipeline()
	pipe.Del(ctx, w.key)
	for _, m := range found {
		args := []any{"xadd", w.key, m.ID}
		for k, v := range m.Values {
			args = append(args, k, v)
		}
		pipe.Do(ctx, args...)
	}
	_, err = pipe.Exec(ctx)
	require.NoError(w.t, err)
}
