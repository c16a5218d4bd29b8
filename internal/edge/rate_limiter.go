package edge

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxClients bounds the memory that many client addresses can take. At the limit all idle clients are
// dropped; if none is idle, all are dropped and start with a full bucket again.
const maxClients = 10_000

// RateLimiter limits the requests per second of each client [Network]. It belongs to one process: it
// keeps one client from starving the others, it is not a quota. Safe for concurrent use.
type RateLimiter struct {
	perSecond rate.Limit
	mu        sync.Mutex
	clients   map[netip.Addr]*rate.Limiter
}

// NewRateLimiter makes a limiter with bursts of two seconds' worth. Zero means no limit.
func NewRateLimiter(perSecond float64) *RateLimiter {
	return &RateLimiter{perSecond: rate.Limit(perSecond), clients: map[netip.Addr]*rate.Limiter{}}
}

// Allow takes one token of the client's bucket. If there is none, wait is the time until there is one.
func (l *RateLimiter) Allow(client netip.Addr, now time.Time) (wait time.Duration, ok bool) {
	if l.perSecond <= 0 {
		return 0, true
	}
	client = Network(client)
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.clients[client]
	if bucket == nil {
		if len(l.clients) >= maxClients {
			l.dropIdle(now)
		}
		bucket = rate.NewLimiter(l.perSecond, l.burst())
		l.clients[client] = bucket
	}
	if bucket.AllowN(now, 1) {
		return 0, true
	}
	return time.Duration((1 - bucket.TokensAt(now)) / float64(l.perSecond) * float64(time.Second)), false
}

func (l *RateLimiter) burst() int { return max(1, int(2*l.perSecond)) }

func (l *RateLimiter) dropIdle(now time.Time) {
	for client, bucket := range l.clients {
		if bucket.TokensAt(now) >= float64(l.burst()) {
			delete(l.clients, client)
		}
	}
	if len(l.clients) >= maxClients {
		clear(l.clients)
	}
}
