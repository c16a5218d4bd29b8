package ws

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/retry"
)

// Config says how a hub treats its sockets.
type Config struct {
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

func (c Config) withDefaults() Config {
	c.MaxStaleness = cmp.Or(c.MaxStaleness, 5*time.Second)
	c.MaxSockets = cmp.Or(c.MaxSockets, 10_000)
	c.MaxPerIP = cmp.Or(c.MaxPerIP, 256)
	c.MaxRooms = cmp.Or(c.MaxRooms, 20)
	c.MaxQueue = cmp.Or(c.MaxQueue, 256<<10)
	c.MaxMemory = cmp.Or(c.MaxMemory, 16<<20)
	c.Rate = cmp.Or(c.Rate, 20)
	c.PingEvery = cmp.Or(c.PingEvery, 25*time.Second)
	c.PongWithin = cmp.Or(c.PongWithin, 60*time.Second)
	c.WriteWithin = cmp.Or(c.WriteWithin, 5*time.Second)
	c.Stall = cmp.Or(c.Stall, time.Second)
	if c.Client == nil {
		c.Client = (*fiber.Ctx).IP
	}
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}

// Hub keeps the rooms of this instance's sockets, and delivers to them what an [events.Follower] reads.
type Hub struct {
	cfg     Config
	reader  *events.Reader
	signals *events.Signals
	log     *slog.Logger
	started time.Time
	metrics hubMetrics
	pages   *logPages
	ready   chan struct{} // closed by Begin

	// delivered moves after an entry was delivered, and the follower's watermark moves before. So a client that
	// reads again because of a frame finds the watermark at or past it, and an acknowledged position is never
	// ahead of the frames.
	delivered events.Watermark

	mu      sync.RWMutex // write: rooms, sockets, recent; read: delivering
	rooms   map[string][]*subscription
	sockets map[*socket]struct{}
	perIP   map[string]int
	recent  recent
	closed  bool

	degraded atomic.Bool
	presence presence
	handlers sync.WaitGroup
}

// NewHub makes a hub. Give it to a follower as its handler: no join is answered before [Hub.Begin].
func NewHub(reader *events.Reader, signals *events.Signals, cfg Config) *Hub {
	cfg = cfg.withDefaults()
	h := &Hub{
		cfg: cfg, reader: reader, signals: signals, log: cfg.Logger, started: time.Now(),
		ready: make(chan struct{}), rooms: map[string][]*subscription{}, sockets: map[*socket]struct{}{},
		perIP: map[string]int{}, recent: recent{max: cfg.MaxMemory}, presence: newPresence(rand.Text()),
	}
	h.pages = newLogPages(reader, cfg.MaxMemory)
	h.degraded.Store(cfg.Clock != nil)
	h.metrics.register(cfg.Registerer, h)
	return h
}

// Run watches the state of the pipeline and announces presence until ctx ends. Call it once.
func (h *Hub) Run(ctx context.Context) error {
	var side sync.WaitGroup
	side.Go(func() { h.tick(ctx) })
	side.Go(func() { h.announce(ctx) })
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
	age, ok := h.cfg.Clock.Age(h.delivered.Load())
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
			if err := retry.Sleep(ctx, 10*time.Millisecond); err != nil {
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
