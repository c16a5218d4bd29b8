package watcher

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/retry"
)

const (
	readAhead   = 2           // batches that are decoded while one is applied
	maxRefusals = 5           // of a resume token, before the history counts as lost
	stoppedWait = time.Minute // between two tries in the state Stopped
	pausedPoll  = time.Second
)

// session is the time in which this instance holds the lease. The goroutine that calls run also calls all other
// methods, unless their comments say otherwise.
// They take two contexts: intake ends when the watcher is to stop, work a few seconds later,
// so that the current batch ends with its checkpoint.
type session struct {
	*Watcher
	lease *lease

	// Only the goroutine that calls run uses these.
	known    *checkpoint // what Redis holds; nil before the first
	lost     string      // why the history after the checkpoint is lost; empty if it is not
	gap      *Gap        // the open gap, in the state Reconciling
	server   serverID    // the Redis server that has the effects of the last batch
	refusals int         // of the resume token, since the last progress
	batches  int         // applied in this session

	oplogCheckedAt time.Time // when the oplog was last looked at; only the goroutine of pollCommands uses it

	// Both goroutines use this: the reason of a reconcile that an operator requested.
	requested atomic.Pointer[string]
}

// errReplicaSetChanged ends the session, because the nonce of its lease names the replica set.
var errReplicaSetChanged = errors.New("the database is now in another replica set")

// run goes from state to state until intake is done, or until an error ends the session: the lease is lost
// ([grapevine.ErrFenced]), Redis lost effects ([grapevine.ErrTailLost]), or errReplicaSetChanged.
func (s *session) run(intake, work context.Context) error {
	if err := s.start(intake); err != nil {
		return err
	}
	var backoff retry.Backoff
	for intake.Err() == nil {
		applied := s.batches
		state, err := s.next(intake)
		if err == nil {
			switch state {
			case Paused:
				s.waitPaused(intake)
			case Reconciling:
				err = s.reconcile(intake, work)
			default:
				err = s.follow(intake, work)
			}
		}
		if s.batches != applied {
			backoff.Reset()
			s.refusals = 0
		}
		switch {
		case err == nil || intake.Err() != nil:
			continue
		case errors.Is(err, grapevine.ErrFenced), errors.Is(err, grapevine.ErrTailLost), errors.Is(err, errReplicaSetChanged):
			return err
		}
		s.waitBackoff(intake, err, backoff.Next())
	}
	return nil
}

func (s *session) waitPaused(ctx context.Context) {
	s.setState(Paused)
	s.heartbeat.reset()
	_ = retry.Sleep(ctx, pausedPoll)
}

func (s *session) waitBackoff(ctx context.Context, err error, delay time.Duration) {
	s.metrics.reopened.Inc()
	s.status.setError(err)
	s.setState(Backoff)
	if errors.Is(err, errStopped) {
		s.setState(Stopped)
		delay = stoppedWait
	}
	s.pipelineTrouble.Failure(err, "delay", delay)
	_ = retry.Sleep(ctx, delay)
}

// next decides what to do now. A pause comes first, because a reconcile enqueues jobs too. A gap is
// reconciled before the stream is followed.
func (s *session) next(ctx context.Context) (State, error) {
	if s.paused.Load() {
		return Paused, nil
	}
	var err error
	if s.gap, err = s.gaps.findOpen(ctx); err != nil {
		return "", fmt.Errorf("look for an open gap: %w", err)
	}
	if s.gap == nil && s.known == nil && s.lost == "" {
		s.lost = "the record of the open gap is gone"
	}
	if s.gap == nil && s.lost != "" {
		s.gap, err = s.openGap(ctx, s.lost)
		if errors.Is(err, errStopped) && s.known != nil {
			s.lost = "" // after a wait, try the stream again
		}
		if err != nil {
			return "", err
		}
	}
	if s.gap != nil {
		s.lost = ""
		return Reconciling, nil
	}
	return Streaming, nil
}

// start prepares the collections, and reads the checkpoint or notes in s.lost why it cannot be used.
func (s *session) start(ctx context.Context) error {
	s.setState(Starting)
	if err := s.ensureCollections(ctx); err != nil {
		return err
	}
	if err := s.refreshPaused(ctx); err != nil { // before the first batch, so that a new holder respects the pause
		return fmt.Errorf("read whether the pipeline is paused: %w", err)
	}
	if err := s.checkReplicaSet(ctx); err != nil {
		return err
	}
	var err error
	if s.server, err = readServerID(ctx, s.Redis); err != nil {
		return err
	}
	found, err := s.checkpoints.load(ctx)
	if err == nil && found == nil {
		found, err = s.begin(ctx)
	}
	switch {
	case errors.Is(err, errUndecodable):
		s.lost = err.Error()
	case err != nil:
		return err
	default:
		s.lost = s.rejectionReason(found)
	}
	if s.lost == "" {
		s.known = found
		s.setApplied(found.Position)
		return nil
	}
	s.setApplied(grapevine.Position{})
	s.log.Warn("the checkpoint cannot be used, a reconcile follows", "reason", s.lost)
	return nil
}

// rejectionReason returns the reason why the stored checkpoint cannot be used, empty if it can.
func (s *session) rejectionReason(found *checkpoint) string {
	switch {
	case found == nil:
		return "the checkpoint is gone although the pipeline has run before"
	case found.ReplicaSet != s.lease.replicaSet:
		return "the checkpoint is of another replica set"
	case s.Clock.Newest().Time < found.time():
		return "the checkpoint is ahead of this cluster's time"
	case s.tailLostAt == found.Position:
		return "the event log, or the queue of jobs, is gone although the checkpoint is there"
	}
	return ""
}

// checkReplicaSet fails with errReplicaSetChanged if the database is no longer in the replica set that the
// lease names.
func (s *session) checkReplicaSet(ctx context.Context) error {
	id, err := replicaSetID(ctx, s.DB)
	if err != nil {
		return err
	}
	if id != s.lease.replicaSet {
		return errReplicaSetChanged
	}
	return nil
}

// follow applies batch after batch, while the next ones are read and decoded, until the pipeline is to do
// something else or the stream fails. Lost history is noted in s.lost.
func (s *session) follow(intake, work context.Context) error {
	reader := &batchReader{streams: s.streams, from: *s.known}
	if err := reader.open(intake); err != nil {
		return s.classifyStreamError(intake, err)
	}
	ctx, stop := context.WithCancel(intake)
	defer stop()
	batches := make(chan batch, readAhead)
	var reading errgroup.Group
	reading.Go(func() error {
		defer close(batches)
		return reader.run(ctx, batches)
	})
	s.setState(Streaming)
	s.heartbeat.trigger()
	err := s.applyAll(intake, work, batches)
	stop()
	readErr := reading.Wait() // before the next stream is opened
	if err != nil || s.lost != "" {
		return err
	}
	return s.classifyStreamError(intake, readErr)
}

// applyAll applies batches until there are no more, or the pipeline is to do something else.
func (s *session) applyAll(intake, work context.Context, batches <-chan batch) error {
	for b := range batches {
		if b.withoutImages {
			s.metrics.oversized.Inc()
			s.log.Warn("a change exceeds 16 MB with its images, so it was read without them", "position", b.position)
		}
		if b.size() > 0 {
			if err := s.apply(work, &b); err != nil {
				return err
			}
		}
		if b.dropped != "" {
			s.log.Warn("a collection was dropped or renamed; it is created again and a reconcile follows", "what", b.dropped)
			if err := s.ensureCollections(work); err != nil {
				s.log.Warn("cannot create the collections yet, the reconcile retries", "err", err)
			}
			s.lost = b.dropped
			return nil
		}
		if reason := s.requested.Swap(nil); reason != nil {
			s.lost = *reason
			return nil
		}
		if intake.Err() != nil || s.paused.Load() {
			return nil //nolint:nilerr // stopping is no error
		}
	}
	return nil
}

// classifyStreamError notes in s.lost that an error of the stream means lost history. Otherwise it returns the
// error as a reason to open the stream again. err may be nil, and stopping is no error.
func (s *session) classifyStreamError(ctx context.Context, err error) error {
	if s.lost = s.historyLossReason(err); s.lost != "" || ctx.Err() != nil {
		return nil //nolint:nilerr // stopping is no error
	}
	return err
}

// historyLossReason returns the reason if an error of the stream means lost history, and empty otherwise.
func (s *session) historyLossReason(err error) string {
	if isHistoryLost(err) {
		return err.Error()
	}
	if !errors.Is(err, errStreamEnded) && !isRefused(err) {
		return ""
	}
	if s.refusals++; s.refusals < maxRefusals {
		return ""
	}
	s.refusals = 0
	return fmt.Sprintf("the resume token failed %d times: %v", maxRefusals, err)
}

// reconcile heals the open gap. A pause interrupts it without an error.
func (s *session) reconcile(intake, work context.Context) error {
	s.setState(Reconciling)
	s.known = nil
	s.setApplied(grapevine.Position{})
	reconciler := reconciler{session: s, gap: s.gap}
	next, err := reconciler.run(intake, work)
	if err != nil || next == nil {
		return err
	}
	s.known = next
	s.setApplied(next.Position)
	s.heartbeat.reset()
	return nil
}
