package access

import (
	"sync/atomic"
	"time"
)

// proof says how long what is held in memory counts: as long as the change stream that would have named a change of it
// is unbroken and has answered lately. It reads a monotonic clock only.
type proof struct {
	now   func() time.Duration // since the process began
	fresh time.Duration        // how long an answer counts

	stream   atomic.Uint64 // number of the open stream; 0: none
	answered atomic.Int64  // when the request was sent whose answer was the last that counts
}

var processStart = time.Now()

func monotonic() time.Duration { return time.Since(processStart) }

// opened begins with a stream, whose number is new. The first answer is still to come.
func (p *proof) opened(stream uint64) {
	p.answered.Store(int64(longAgo))
	p.stream.Store(stream)
}

// answer counts an answer. It is as old as its request, because nobody knows when the server wrote it.
func (p *proof) answer(sent time.Duration) { p.answered.Store(int64(sent)) }

func (p *proof) broken() { p.stream.Store(0) }

// lastAnswer is the time of the last answer that counted, of any stream.
func (p *proof) lastAnswer() time.Duration { return time.Duration(p.answered.Load()) }

// isFresh reports whether a stream is open and has answered lately.
func (p *proof) isFresh() bool { return p.holds(p.stream.Load(), p.now()) }

// holds reports whether what was read while this stream was open still counts.
func (p *proof) holds(stream uint64, now time.Duration) bool {
	return stream != 0 && stream == p.stream.Load() && now-p.lastAnswer() < p.fresh
}
