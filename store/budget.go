package store

import "time"

// A request looks at firstChunk contacts before it asks the time. It stops when the next chunk would end after workFor.
const (
	workFor    = 50 * time.Millisecond
	firstChunk = 500
	lastChunk  = 8000
)

// budget says how much a request may look at. An answer that needs more is short, and the next page goes on.
type budget struct {
	end   time.Time
	begun time.Time // of the chunk
	size  int       // of the chunk
}

func newBudget(workFor time.Duration, chunk int) *budget {
	now := time.Now()
	return &budget{end: now.Add(workFor), begun: now, size: chunk}
}

// next plans the chunk after the one that has just been read. ok is false if the request should stop.
func (b *budget) next() (ok bool) {
	now := time.Now()
	took, left := now.Sub(b.begun), b.end.Sub(now)
	b.begun = now
	if took > left {
		return false
	}
	if 3*took < left && b.size < lastChunk {
		b.size *= 2
	}
	return true
}
