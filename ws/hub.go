package ws

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"grapevine/events"
	"grapevine/internal/edge"
	"grapevine/internal/retry"
)

const checkInterval = 200 * time.Millisecond

// Close closes the sockets in groups with pauses, so that their clients do not all reconnect at once.
const (
	closeBatch = 20 // sockets
	closePause = 10 * time.Millisecond
)

// Hub keeps the rooms of this instance's sockets, and delivers to them what an [events.Follower] reads.
type Hub struct {
	cfg     Config
	reader  *events.LogReader
	signals *events.Signals
	log     *slog.Logger
	started time.Time
	metrics metrics
	pages   *eventLogPages
	ready   chan struct{} // closed by Begin

	// delivered moves after an entry was delivered, and the follower's watermark moves before. So a client that
	// reads again because of a frame finds the watermark at or past it, and an acknowledged position is never
	// ahead of the frames.
	delivered events.SharedPosition

	mu      sync.RWMutex // write: rooms, sockets, recent; read: delivering
	rooms   map[string][]*subscription
	sockets map[*socket]struct{}
	perIP   map[string]int
	recent  recentEntries
	closed  bool

	hints                    *edge.HintLog
	clientFull, instanceFull retry.Limiter

	degraded atomic.Bool
	presence presence
	handlers sync.WaitGroup
}

// NewHub makes a hub. Make it the handler of a follower: a join is not answered before [Hub.Begin].
func NewHub(reader *events.LogReader, signals *events.Signals, cfg Config) *Hub {
	cfg = cfg.withDefaults()
	h := &Hub{
		cfg: cfg, reader: reader, signals: signals, log: cfg.Logger, started: time.Now(),
		ready: make(chan struct{}), rooms: map[string][]*subscription{}, sockets: map[*socket]struct{}{},
		hints: edge.NewHintLog(cfg.Logger), clientFull: retry.Limiter{Every: time.Minute}, instanceFull: retry.Limiter{Every: time.Minute},
		perIP: map[string]int{}, recent: recentEntries{max: cfg.MaxMemory}, presence: newPresence(rand.Text()),
	}
	h.pages = newEventLogPages(reader, cfg.MaxMemory)
	h.degraded.Store(cfg.Clock != nil)
	h.metrics.register(cfg.Registerer, h)
	return h
}

// Run watches the state of the pipeline and announces presence until ctx ends. Call it once.
func (h *Hub) Run(ctx context.Context) error {
	var side sync.WaitGroup
	side.Go(func() { h.checkLoop(ctx) })
	side.Go(func() { h.announcePresence(ctx) })
	side.Wait()
	return nil
}

// checkLoop updates the pipeline's state and closes stalled sockets. It asks no server, so it goes on while
// Redis hangs.
func (h *Hub) checkLoop(ctx context.Context) {
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		h.updateDegraded()
		h.closeStalled()
	}
}

// updateDegraded compares the age of what was delivered with MaxStaleness, and tells every socket if the
// state of the pipeline changed.
func (h *Hub) updateDegraded() {
	if h.cfg.Clock == nil {
		return
	}
	age, known := h.cfg.Clock.Age(h.delivered.Load())
	degraded := !known || age > h.cfg.MaxStaleness
	if h.degraded.Swap(degraded) == degraded {
		return
	}
	if degraded {
		h.log.Warn("the pipeline is degraded: this instance is too far behind MongoDB, or it is unknown how far; see /readyz", "age", age, "known", known)
	} else {
		h.log.Info("the pipeline is live: this instance is up to date", "age", age)
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := range h.sockets {
		s.setDegraded(degraded)
	}
}

// now is a monotonic clock in nanoseconds. It is never 0.
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

// Close closes every socket with 1001 and refuses new ones. It returns when all sockets have ended, or with
// ctx's error. The order is random.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	all := make([]*socket, 0, len(h.sockets))
	for s := range h.sockets { // the order of a map is random
		all = append(all, s)
	}
	h.mu.Unlock()
	for i, s := range all {
		s.close(closeRestart, "going away")
		if i%closeBatch == closeBatch-1 {
			_ = retry.Sleep(ctx, closePause) // after ctx has ended, the rest is closed at once
		}
	}
	ended := make(chan struct{})
	go func() {
		h.handlers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
