package events

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
	"grapevine/internal/retry"
)

const (
	readEntries  = 500                    // most entries of one read; a contact may take 64 kB
	readBlock    = 250 * time.Millisecond // wait for new entries; a blocked read does not end with its context
	readTimeout  = 2 * time.Second
	maxReadPause = 2 * time.Second // after a longer pause the log may have been lost and written again
)

// Handler receives what a [Follower] reads. The follower makes one call at a time, in the order of the log.
// The watermark moves before each call.
type Handler interface {
	// Begin is the first call. The follower reads the entries after end. After an error it calls Begin again,
	// perhaps with another end.
	Begin(ctx context.Context, end grapevine.Position) error

	// Deliver hands over the entries that come after the position after.
	Deliver(after grapevine.Position, entries []*Entry)

	// Rewind says that the log now ends at end, before entries that were delivered: Redis lost its newest
	// writes, or the log was started again.
	Rewind(end grapevine.Position)

	// Skip says that entries up to the position at were trimmed before the follower could read them.
	Skip(at grapevine.Position)

	// Signal hands over signals, in the order in which they were sent.
	Signal(signals []Signal)
}

// FollowerConfig says what a [Follower] does with what it reads.
type FollowerConfig struct {
	Handler Handler      // nil: the follower only keeps the watermark
	Logger  *slog.Logger // nil means no log lines
}

// Follower reads the log and the signals in every instance, and keeps the watermark: the position up to
// which this instance knows the log.
type Follower struct {
	reader    *LogReader
	handler   Handler
	log       *slog.Logger
	watermark SharedPosition
	ready     chan struct{}

	// These belong to the goroutine of Run.
	signalCursor string // id of the last signal; empty until the follower has begun
	lastRead     time.Time
	endChecked   bool // the end of the log was compared with the watermark since the last error or pause
}

// NewFollower makes a follower. It reads nothing before Run. The reader's client must have no retries, because
// the follower compares its position with the log first.
func NewFollower(reader *LogReader, cfg FollowerConfig) *Follower {
	f := &Follower{reader: reader, handler: cfg.Handler, log: cfg.Logger, ready: make(chan struct{})}
	if f.handler == nil {
		f.handler = discard{}
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	return f
}

// Watermark is the position up to which this instance has read the log; zero while it is unknown.
func (f *Follower) Watermark() grapevine.Position { return f.watermark.Load() }

// WaitFor returns nil once the watermark is at or past p, otherwise ctx's error.
func (f *Follower) WaitFor(ctx context.Context, p grapevine.Position) error {
	return f.watermark.Wait(ctx, p)
}

// Ready is closed once the follower has begun.
func (f *Follower) Ready() <-chan struct{} { return f.ready }

// Run follows the log until ctx ends, and then returns nil. Call it once.
func (f *Follower) Run(ctx context.Context) error {
	trouble := retry.FailureLog{Logger: f.log, Failed: "cannot read the event log, will retry", Recovered: "reading the event log again"}
	backoff := retry.Backoff{Max: 2 * time.Second}
	for {
		err := f.runOnce(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopping is no error
		}
		if err == nil {
			trouble.Success()
			backoff.Reset()
			continue
		}
		trouble.Failure(err)
		f.endChecked = false
		_ = retry.Sleep(ctx, backoff.Next())
	}
}

// runOnce begins, or compares the watermark with the end of the log if needed and reads once.
func (f *Follower) runOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if f.signalCursor == "" {
		return f.begin(ctx)
	}
	if !f.endChecked || time.Since(f.lastRead) > maxReadPause {
		if err := f.checkEnd(ctx); err != nil {
			return err
		}
		f.endChecked, f.lastRead = true, time.Now()
	}
	return f.read(ctx)
}

// begin takes the ends of the log and of the signals as the position of this instance.
func (f *Follower) begin(ctx context.Context) error {
	lastSignal, err := lastID(ctx, f.reader.rdb, f.reader.signals)
	if err != nil {
		return err
	}
	end, err := lastID(ctx, f.reader.rdb, f.reader.events)
	if err != nil {
		return err
	}
	f.watermark.Store(end)
	if err := f.handler.Begin(ctx, end); err != nil {
		return err
	}
	f.signalCursor, f.lastRead, f.endChecked = lastSignal.String(), time.Now(), true
	close(f.ready)
	f.log.Info("following the event log", "position", end)
	return nil
}

// checkEnd compares the watermark with the end of the log.
func (f *Follower) checkEnd(ctx context.Context) error {
	end, err := lastID(ctx, f.reader.rdb, f.reader.events)
	if err != nil {
		return err
	}
	if at := f.watermark.Load(); end.Before(at) {
		f.log.Warn("the event log lost its end or started again, so clients read again", "read", at, "end", end)
		f.watermark.Store(end)
		f.handler.Rewind(end)
	}
	return nil
}

// read waits for entries and signals, and hands them over.
func (f *Follower) read(ctx context.Context) error {
	from := f.watermark.Load()
	var streams *redis.XStreamSliceCmd
	var first *redis.XMessageSliceCmd
	// The oldest entry is read after the new ones. The log could be trimmed between the two reads, and new entries with
	// a hole before them would look complete.
	_, err := f.reader.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		streams = p.XRead(ctx, &redis.XReadArgs{
			Streams: []string{f.reader.events, f.reader.signals, from.String(), f.signalCursor},
			Count:   readEntries, Block: readBlock,
		})
		first = p.XRangeN(ctx, f.reader.events, "-", "+", 1)
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return redisx.NameKeys(err, f.reader.events, f.reader.signals)
	}
	for _, s := range streams.Val() {
		switch {
		case len(s.Messages) == 0:
		case s.Stream == f.reader.signals:
			f.signalCursor = s.Messages[len(s.Messages)-1].ID
			f.handler.Signal(parseSignals(s.Messages))
		default:
			f.lastRead = time.Now()
			f.deliver(from, parseEntries(s.Messages), first.Val())
		}
	}
	return nil
}

// deliver hands over the entries after from. The log may have been trimmed past from, by age or by hand,
// while this instance was stopped or late; XREAD does not say so. A resync as the first entry says it already.
func (f *Follower) deliver(from grapevine.Position, entries []*Entry, first []redis.XMessage) {
	if !from.IsZero() && entries[0].Resync == "" && !reachesBackTo(from, first) {
		f.log.Warn("the event log was trimmed before it was read, so clients read again; if this repeats, raise EVENT_RETENTION", "read", from, "next", entries[0].Position)
		f.handler.Skip(entries[0].Position.Previous())
	}
	f.watermark.Store(entries[len(entries)-1].Position)
	f.handler.Deliver(from, entries)
}

// discard is the handler of a follower that only keeps the watermark.
type discard struct{}

func (discard) Begin(context.Context, grapevine.Position) error { return nil }
func (discard) Deliver(grapevine.Position, []*Entry)            {}
func (discard) Rewind(grapevine.Position)                       {}
func (discard) Skip(grapevine.Position)                         {}
func (discard) Signal([]Signal)                                 {}
