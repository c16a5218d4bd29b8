package ws

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"grapevine"
)

// HubConfig says how an instance follows the history and how it treats its sockets. Zero values mean
// the defaults.
type HubConfig struct {
	// Clock is MongoDB's time, against which the watermark's age is judged. nil: sockets are never
	// told that the pipeline is degraded.
	Clock        *grapevine.Clock
	MaxStaleness time.Duration // 5 s

	// Ping is MongoDB's newest time, asked when a `since` is past all that this process has seen.
	// nil: such a `since` is taken for one from the future.
	Ping func(ctx context.Context) (grapevine.Position, error)

	// Client is the address for whom a socket is opened, which MaxPerIP counts; nil: the peer's, which is
	// everybody's behind a proxy.
	Client func(*fiber.Ctx) string

	Origins []string // allowed beside the page's own host, as "https://host[:port]"; "*" allows all

	MaxSockets  int           // of this instance; 10,000
	MaxPerIP    int           // of one address, or /64 of IPv6, that is not a loopback one; 256
	MaxRooms    int           // of one socket; 20
	MaxQueue    int           // bytes of events queued for one socket; 256 kB
	MaxMemory   int           // bytes of recent history held for those who come back; 16 MB
	Rate        int           // frames a second a client may send, twice that in a burst; 20
	PingEvery   time.Duration // 25 s
	PongWithin  time.Duration // silence after which a client counts as gone; 60 s
	WriteWithin time.Duration // a write that takes longer ends the socket; 5 s
	Stall       time.Duration // a client behind its queue that takes nothing for this long is slow; 1 s

	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

func (c HubConfig) withDefaults() HubConfig {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	span := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	span(&c.MaxStaleness, 5*time.Second)
	set(&c.MaxSockets, 10_000)
	set(&c.MaxPerIP, 256)
	set(&c.MaxRooms, 20)
	set(&c.MaxQueue, 256<<10)
	set(&c.MaxMemory, 16<<20)
	set(&c.Rate, 20)
	span(&c.PingEvery, 25*time.Second)
	span(&c.PongWithin, 60*time.Second)
	span(&c.WriteWithin, 5*time.Second)
	span(&c.Stall, time.Second)
	if c.Client == nil {
		c.Client = (*fiber.Ctx).IP
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Hub follows the history and keeps the rooms of this instance's sockets.
type Hub struct {
	history *History
	cfg     HubConfig
	rdb     *redis.Client // the hub's own: a blocked read must not take a connection of others'
	log     *slog.Logger
	started time.Time
	metrics hubMetrics
	pages   *pages
	ready   chan struct{} // closed when the follower stands somewhere

	// watermark is raised before an entry is delivered, delivered after: a client that re-reads because
	// of a frame never meets a watermark behind that frame, and an acknowledged position is never ahead
	// of the frames.
	watermark watermark
	delivered watermark

	mu      sync.RWMutex // write: rooms, sockets, tail; read: delivering
	rooms   map[string][]*subscription
	sockets map[*socket]struct{}
	perIP   map[string]int
	tail    tail
	closed  bool

	degraded atomic.Bool
	presence presence
	handlers sync.WaitGroup
}

// NewHub is a hub on the history's Redis. It follows nothing until Run.
func NewHub(h *History, cfg HubConfig) *Hub {
	cfg = cfg.withDefaults()
	opt := *h.rdb.Options()
	opt.PoolSize, opt.MinIdleConns, opt.MaxIdleConns, opt.MaxActiveConns = 8, 0, 0, 0
	opt.MaxRetries = -1              // the loop retries, and looks at where it stands first
	opt.ContextTimeoutEnabled = true // else a hung Redis holds a read for its block time and 10 s
	hub := &Hub{
		history: h, cfg: cfg, rdb: redis.NewClient(&opt), log: cfg.Logger, started: time.Now(),
		ready: make(chan struct{}), rooms: map[string][]*subscription{}, sockets: map[*socket]struct{}{},
		perIP: map[string]int{}, tail: tail{max: cfg.MaxMemory}, presence: newPresence(rand.Text()),
	}
	hub.pages = newPages(hub.rdb, h.events, cfg.MaxMemory)
	hub.degraded.Store(cfg.Clock != nil)
	hub.metrics.register(cfg.Registerer, hub)
	return hub
}

// Watermark is the position up to which this instance has followed the history; zero while unknown.
func (h *Hub) Watermark() grapevine.Position { return h.watermark.load() }

// WaitFor returns nil once the watermark is at or past p, else ctx's error.
func (h *Hub) WaitFor(ctx context.Context, p grapevine.Position) error {
	return h.watermark.wait(ctx, p)
}

// Run follows the history until ctx ends. Call it once.
func (h *Hub) Run(ctx context.Context) error {
	defer h.rdb.Close()
	var side sync.WaitGroup
	side.Go(func() { h.tick(ctx) })
	side.Go(func() { h.announce(ctx) })
	h.follow(ctx)
	side.Wait()
	return nil
}

// tick judges the pipeline's state and looks for stalled clients. It asks nobody, so it goes on while
// Redis hangs.
func (h *Hub) tick(ctx context.Context) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		h.judge()
		h.closeStalled()
	}
}

func (h *Hub) judge() {
	if h.cfg.Clock == nil {
		return
	}
	age, ok := h.cfg.Clock.Age(h.Watermark())
	degraded := !ok || age > h.cfg.MaxStaleness
	if h.degraded.Swap(degraded) == degraded {
		return
	}
	h.log.Info("pipeline state", "degraded", degraded, "age", age, "known", ok)
	f := stateFrame(degraded)
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := range h.sockets {
		s.mu.Lock()
		if s.told != degraded {
			s.told = degraded
			s.put(f, h.cfg.MaxQueue)
		}
		s.mu.Unlock()
		s.poke()
	}
}

// tellState tells a socket that has just joined when the pipeline is degraded; mu of s is held.
func (h *Hub) tellState(s *socket) {
	if degraded := h.degraded.Load(); degraded && !s.told {
		s.told = true
		s.put(stateFrame(true), h.cfg.MaxQueue)
	}
}

// now is the hub's monotonic clock in nanoseconds, never 0.
func (h *Hub) now() int64 { return int64(time.Since(h.started)) + 1 }

func (h *Hub) closeStalled() {
	now := h.now()
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := range h.sockets {
		if s.stalled(now, h.cfg.Stall) {
			s.close(closeSlow, "slow")
		}
	}
}

// Close ends every socket with 1001 and refuses new ones. It returns when all are gone, or with ctx's
// error. The order is random, and a thousand are spread over half a second, so that clients do not
// come back to the other instances all at once.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	all := make([]*socket, 0, len(h.sockets))
	for s := range h.sockets { // a map's order is random
		all = append(all, s)
	}
	h.mu.Unlock()
	for i, s := range all {
		s.close(closeRestart, "going away")
		if i%20 == 19 {
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				for _, s := range all[i:] {
					s.close(closeRestart, "going away")
				}
				break
			}
		}
	}
	gone := make(chan struct{})
	go func() {
		h.handlers.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
