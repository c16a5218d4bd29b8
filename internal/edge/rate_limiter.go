package edge

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxClients bounds the memory that many clients can take. At the limit all idle clients are
// dropped; if none is idle, all are dropped and start with a full bucket again.
const maxClients = 10_000

// RateLimiter limits the requests per second of each client, such as a [Network] or a user. It belongs to one process: it
// keeps one client from starving the others, it is not a quota. Safe for concurrent use.
type RateLimiter[Client comparable] struct {
	perSecond rate.Limit
	mu        sync.Mutex
	clients   map[Client]*rate.Limiter
}

// NewRateLimiter makes a limiter with bursts of two seconds' worth. Zero means no limit.
func NewRateLimiter[Client comparable](perSecond float64) *RateLimiter[Client] {
	return &RateLimiter[Client]{perSecond: rate.Limit(perSecond), clients: map[Client]*rate.Limiter{}}
}

// Allow takes one token of the client's bucket. If there is none, wait is the time until there is one.
func (l *RateLimiter[Client]) Allow(client Client, now time.Time) (wait time.Duration, ok bool) {
	if l.perSecond <= 0 {
		return 0, true
	}
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

func (l *RateLimiter[Client]) burst() int { return max(1, int(2*l.perSecond)) }

func (l *RateLimiter[Client]) dropIdle(now time.Time) {
	for client, bucket := range l.clients {
		if bucket.TokensAt(now) >= float64(l.burst()) {
			delete(l.clients, client)
		}
	}
	if len(l.clients) >= maxClients {
		clear(l.clients)
	}
}
