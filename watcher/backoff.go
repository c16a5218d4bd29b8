package watcher

import (
	"math/rand/v2"
	"time"
)

// backoff waits between tries: 100 ms doubling to 10 s, each cut by up to half at random so that
// several instances do not try in step. The zero value is ready; reset after a success.
type backoff struct{ streak int }

const (
	backoffFirst = 100 * time.Millisecond
	backoffMost  = 10 * time.Second
)

func (b *backoff) next() time.Duration {
	d := min(backoffMost, backoffFirst<<min(b.streak, 10))
	b.streak++
	return d - rand.N(d/2)
}

func (b *backoff) reset() { b.streak = 0 }

// loud reports whether this failure of the streak is worth a log line: the first three, then each
// power of two.
func (b *backoff) loud() bool { return b.streak <= 3 || b.streak&(b.streak-1) == 0 }
