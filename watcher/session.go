package watcher

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"grapevine"
)

// session is one holding of the lease: from the checkpoint found to the lease lost or given back.
type session struct {
	*Watcher
	lease      *lease
	replicaSet string
	server     string                 // the redis-server that has the effects of what is applied now
	known      *checkpoint            // what Redis holds; nil before the first
	stuck      int                    // how often a token was refused without progress
	why        string                 // why known is nil
	asked      atomic.Pointer[string] // reason of a reconcile that a person asked for
	ledgered   bool                   // it is recorded that the ledger has rows
	windowAt   time.Time              // when the oplog was last looked at
}

// run follows the stream until reading is done (shutdown) or the fence refuses. work outlives
// reading by a few seconds, so that the batch in hand ends with its checkpoint.
func (s *session) run(reading, work context.Context) error {
	if err := s.begin(reading); err != nil {
		return err
	}
	var wait backoff
	for reading.Err() == nil {
		applied := s.Applied()
		err := s.step(reading, work)
		if s.Applied() != applied {
			wait.reset()
			s.stuck = 0
		}
		if reading.Err() != nil {
			return nil //nolint:nilerr // stopping is no error
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, grapevine.ErrFenced), errors.Is(err, grapevine.ErrTailLost):
			return err
		}
		if lost, ok := errors.AsType[*lostError](err); ok {
			err = s.openGap(work, lost.reason)
			if err == nil {
				continue
			}
		}
		s.metrics.reopened.Inc()
		s.status.trouble(err)
		delay := wait.next()
		if s.setState(Backoff); errors.Is(err, errStopped) {
			s.setState(Stopped)
			delay = time.Minute
		}
		if wait.loud() {
			s.log.Warn("change stream interrupted, will reopen it", "err", err, "streak", wait.streak, "in", delay)
		}
		pause(reading, delay)
	}
	return nil
}

// begin reads the checkpoint and decides what its absence means.
func (s *session) begin(ctx context.Context) error {
	s.setState(Starting)
	if err := s.Prepare(ctx); err != nil {
		return fmt.Errorf("prepare the collections: %w", err)
	}
	if err := s.notePause(ctx); err != nil { // before the first change: a new holder finds the pause as it was left
		return fmt.Errorf("ask whether the pipeline is paused: %w", err)
	}
	var err error
	if s.replicaSet, err = replicaSetID(ctx, s.DB); err != nil {
		return fmt.Errorf("ask which replica set this is: %w", err)
	}
	if s.server, err = s.checkpoints.server(ctx); err != nil {
		return err
	}
	s.known, err = s.checkpoints.load(ctx)
	var reason string
	var from grapevine.Position
	switch {
	case errors.Is(err, errUndecodable):
		reason = err.Error()
	case err != nil:
		return err
	case s.known == nil:
		if reason, err = s.whyNone(ctx); err != nil {
			return err
		}
	case !s.known.of(s.replicaSet, s.DB.Name()):
		reason = "the checkpoint is of another replica set, or another database"
	case s.Clock.Newest().Time < s.known.Position.Time:
		reason = "the checkpoint is ahead of this cluster's time"
	case s.tailLost == s.known.Position:
		reason = "the history of events, or the queue of jobs, is gone although the checkpoint is there"
	default:
		s.setApplied(s.known.Position)
		return nil
	}
	if s.known != nil {
		from = s.known.Position
	}
	s.known, s.why = nil, reason
	s.setApplied(grapevine.Position{})
	if reason != firstStart {
		s.log.Warn("no checkpoint to go on from", "reason", reason, "checkpoint", from)
	}
	return nil
}

// tendEvery is how long an index, the validator or the images may be missing that somebody took away.
const tendEvery = 10 * time.Second

// tend keeps the collections as they have to be. No event tells of a dropped index or a collMod: lists
// would be refused, and every change would have everybody read again, until the next start.
func (s *session) tend(ctx context.Context) {
	var untended backoff
	for {
		pause(ctx, tendEvery)
		if ctx.Err() != nil {
			return
		}
		if err := s.Prepare(ctx); err == nil {
			untended.reset()
		} else if untended.streak++; untended.loud() && ctx.Err() == nil {
			s.log.Warn("cannot look after the collections", "err", err, "streak", untended.streak)
		}
	}
}

// whyNone tells the first start of all from a checkpoint that was lost.
func (s *session) whyNone(ctx context.Context) (string, error) {
	_, beaten, err := s.heart.lastPosition(ctx)
	if err != nil {
		return "", fmt.Errorf("ask whether the pipeline has run before: %w", err)
	}
	recorded, err := s.anyGap(ctx)
	if err != nil {
		return "", fmt.Errorf("ask whether the pipeline has run before: %w", err)
	}
	if beaten || recorded {
		return "the checkpoint is gone although the pipeline has run before", nil
	}
	return firstStart, nil
}

// step waits while the pipeline is paused, reconciles what is open, or follows the stream until it breaks. nil: look again.
func (s *session) step(reading, work context.Context) error {
	if s.paused.Load() { // before a gap is looked for: a reconcile enqueues jobs too
		s.setState(Paused)
		s.heart.forget()
		pause(reading, time.Second)
		return nil
	}
	gap, err := s.findGap(reading)
	if err != nil {
		return fmt.Errorf("look for an open gap: %w", err)
	}
	if gap != nil {
		s.setState(Reconciling)
		return s.reconcile(reading, work, gap)
	}
	if s.known == nil {
		return &lostError{s.why}
	}
	return s.follow(reading, work)
}

// follow applies batch after batch while the next ones are read and decoded.
func (s *session) follow(reading, work context.Context) error {
	from := *s.known
	st, err := open(reading, s.DB, from, s.Decode, full)
	if err != nil {
		return s.judge(reading, work, err)
	}
	reading, cancel := context.WithCancel(reading)
	batches := make(chan batch, readAhead)
	var readErr error
	go func() {
		defer close(batches)
		defer st.close(work)
		readErr = s.read(reading, st, batches)
	}()
	defer func() { // the reader must have ended before the next stream is opened
		cancel()
		for range batches {
		}
	}()

	beating, stopHeart := context.WithCancel(reading)
	heartDone := make(chan struct{})
	go func() {
		defer close(heartDone)
		s.heart.run(beating, s.Applied)
	}()
	defer func() { stopHeart(); <-heartDone }()

	s.setState(Streaming)
	for b := range batches {
		if len(b.changes) > 0 {
			if err := s.apply(work, b); err != nil {
				return err
			}
			s.progressed()
		}
		if b.broken != "" {
			return s.broken(work, b.broken)
		}
		if reason := s.asked.Swap(nil); reason != nil {
			return &lostError{*reason}
		}
		if reading.Err() != nil || s.paused.Load() {
			return nil
		}
	}
	if readErr == nil || reading.Err() != nil {
		return nil
	}
	return s.judge(reading, work, readErr)
}

// read hands over batches until ctx is done or the stream breaks.
func (s *session) read(ctx context.Context, st *stream, to chan<- batch) error {
	for {
		b, err := st.read(ctx, batchSize)
		if len(b.changes) > 0 || b.broken != "" {
			select {
			case to <- b:
			case <-ctx.Done():
				return nil
			}
		}
		if err != nil || b.broken != "" || ctx.Err() != nil {
			return err
		}
	}
}

// broken makes the collections again and has the gap reconciled.
func (s *session) broken(ctx context.Context, reason string) error {
	s.log.Warn("a collection of ours was dropped or renamed", "what", reason)
	if err := s.Prepare(ctx); err != nil {
		s.log.Warn("collections not made again yet", "err", err) // the reconcile tries again
	}
	return &lostError{reason}
}

// lostError says that what follows the checkpoint cannot be had from the stream.
type lostError struct{ reason string }

func (e *lostError) Error() string { return "history lost: " + e.reason }

// judge turns a stream's error into what to do about it.
func (s *session) judge(reading, work context.Context, err error) error {
	if reading.Err() != nil {
		return nil //nolint:nilerr // stopping is no error
	}
	switch {
	case historyLost(err):
		return &lostError{err.Error()}
	case tooLarge(err):
		return s.applyOversized(reading, work)
	case errors.Is(err, errEnded) || refused(err):
		if s.stuck++; s.stuck >= stuckAfter {
			s.stuck = 0
			return &lostError{fmt.Sprintf("the resume token failed %d times: %v", stuckAfter, err)}
		}
	}
	return err
}
