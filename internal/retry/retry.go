// Package retry holds what every loop over an unreliable server needs: a wait that ends with its
// context, a capped backoff with jitter, and a log that is rate-limited. It knows nothing of the product.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// Sleep waits for d and returns nil, or returns ctx's error as soon as ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Backoff is the wait between tries: it doubles from First to Max, and each wait is shortened by up to
// half at random, so that several instances do not retry in step. Not safe for concurrent use.
type Backoff struct {
	First time.Duration // the first wait; zero means 100 ms
	Max   time.Duration // the longest wait; zero means 10 s

	failures int
}

// Next returns the wait after one more failure.
func (b *Backoff) Next() time.Duration {
	first, longest := b.First, b.Max
	if first <= 0 {
		first = 100 * time.Millisecond
	}
	if longest <= 0 {
		longest = 10 * time.Second
	}
	d := first << min(b.failures, 20)
	if d <= 0 || d > longest {
		d = longest
	}
	b.failures++
	return d - rand.N(d/2+1)
}

// Reset starts again from First. Call it after a success.
func (b *Backoff) Reset() { b.failures = 0 }

// Failures is the number of failures since the last success.
func (b *Backoff) Failures() int { return b.failures }
