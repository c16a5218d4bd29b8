package jobs

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/jobs/asynqx"
	"grapevine/ledger"
)

const (
	sweepInterval    = time.Minute
	maxSweepInterval = 4 * time.Minute
	// sweepShare limits the work of sweeps to this part of the time, up to maxSweepInterval.
	sweepShare = 50
	// walkInterval is the time between two walks through all contacts.
	walkInterval = time.Hour
)

// sweep is one search for tasks that Redis has lost, in whole or in part.
type sweep struct {
	*Backfiller
	pending map[string][]uint64 // hashes of the ids in the pending list, sorted, by queue
	began   time.Time
	result  sweepResult
}

type sweepResult struct {
	tasks   int64 // that were enqueued again
	example string
}

// Sweep looks once for tasks that Redis has lost, and enqueues them again: those without a message, without their
// entry in the list of their state, and those that are gone although the ledger has no effect of their contact. It
// looks at the tasks of the watchlist, which are those that were enqueued and have not ended. A walk finds further
// ones: it goes through all contacts and the ledger, as a reconcile does. The caller asks for it once it has become
// the only one to sweep; later ones are due by themselves. next is the time until the next sweep.
//
// Call it only while every change up to a minute ago is applied. Otherwise it also enqueues the tasks of changes that
// are still to come, and counts them as lost.
func (b *Backfiller) Sweep(ctx context.Context, walk bool) (next time.Duration, err error) {
	s := &sweep{Backfiller: b, pending: map[string][]uint64{}, began: time.Now()}
	if walk {
		b.walkedAt = time.Time{}
	}
	if err := s.run(ctx); err != nil {
		return sweepInterval, err
	}
	return min(max(sweepInterval, sweepShare*time.Since(s.began)), maxSweepInterval), nil
}

func (s *sweep) run(ctx context.Context) (err error) {
	defer func() {
		if s.result.tasks > 0 {
			s.queue.log.Warn("Redis had lost tasks, which are enqueued again; did somebody delete keys of Asynq, or a task that is not archived?",
				"tasks", s.result.tasks, "example", s.result.example)
		}
	}()
	deleted, err := asynqx.DeleteWrongTypes(ctx, s.queue.rdb, s.queue.names.list()...)
	if err != nil {
		return err
	}
	if len(deleted) > 0 {
		s.queue.log.Warn("keys of Asynq had another type and were deleted; their tasks are enqueued again", "keys", deleted)
	}
	for _, name := range s.queue.names.list() {
		if err := s.listPending(ctx, name); err != nil {
			return err
		}
	}
	absent, err := s.check(ctx, append(s.queue.watched.olderThan(s.lostAfter), s.suspects...))
	if err != nil {
		return err
	}
	if err := s.enqueueAbsent(ctx, absent, false); err != nil {
		return err
	}
	s.suspects = nil
	if s.queue.watched.takeOverflow() {
		s.walkedAt = time.Time{}
	}
	if time.Since(s.walkedAt) < walkInterval {
		return nil
	}
	return s.walk(ctx)
}

var pendingSeed = maphash.MakeSeed()

// listPending keeps hashes of the ids, because a backlog may have a million of them.
func (s *sweep) listPending(ctx context.Context, queue string) error {
	var found []uint64
	err := asynqx.PendingTasks(ctx, s.queue.rdb, queue, func(id string) { found = append(found, maphash.String(pendingSeed, id)) })
	slices.Sort(found)
	s.pending[queue] = found
	return err
}

// check looks at tasks in Redis. It enqueues the lost ones again and returns the ids that do not exist. It notes
// those that will run in the watchlist, and removes from it those that have ended.
func (s *sweep) check(ctx context.Context, ids []string) (absent []string, err error) {
	byQueue := map[string][]string{}
	for _, id := range ids {
		if t, ok := parseTaskID(id); ok {
			byQueue[s.queue.names.queueFor(t)] = append(byQueue[s.queue.names.queueFor(t)], id)
		}
	}
	for name, ids := range byQueue {
		placements, err := asynqx.Placements(ctx, s.queue.rdb, name, ids)
		if err != nil {
			return nil, err
		}
		lost, gone := map[string]asynqx.Placement{}, map[string]asynqx.Placement{}
		for i, id := range ids {
			switch p := placements[i]; {
			case s.isListed(name, id):
				s.queue.watched.add(id) // a worker takes it, and the janitor repairs the rest
			case p.State == "":
				gone[id] = p
			case p.Lost || p.State == asynqx.Pending && !p.EnteredAfter(s.began.Add(-s.lostAfter)):
				lost[id] = p
			case p.State == asynqx.Completed:
				s.queue.watched.remove(id)
			default:
				s.queue.watched.add(id)
			}
		}
		if err := s.rebuild(ctx, name, lost); err != nil {
			return nil, err
		}
		freed, err := asynqx.Free(ctx, s.queue.rdb, name, gone)
		if err != nil {
			return nil, err
		}
		absent = append(absent, freed...)
	}
	return absent, nil
}

// isListed reports whether the list of pending tasks had the id when the sweep began.
func (s *sweep) isListed(queue, id string) bool {
	_, found := slices.BinarySearch(s.pending[queue], maphash.String(pendingSeed, id))
	return found
}

// rebuild deletes lost tasks and enqueues again those whose effect is missing.
func (s *sweep) rebuild(ctx context.Context, queue string, lost map[string]asynqx.Placement) error {
	if len(lost) == 0 {
		return nil
	}
	freed, err := asynqx.Free(ctx, s.queue.rdb, queue, lost)
	if err != nil {
		return err
	}
	var ended, archived, others []string
	for _, id := range freed {
		switch lost[id].State {
		case asynqx.Completed:
			ended = append(ended, id)
		case asynqx.Archived:
			archived = append(archived, id)
		default:
			others = append(others, id)
		}
	}
	s.queue.watched.remove(ended...)
	if err := s.enqueueAbsent(ctx, archived, true); err != nil {
		return err
	}
	return s.enqueueAbsent(ctx, others, false)
}

// enqueueAbsent enqueues the tasks of ids that are free, if their effect is missing. An archived task that is gone may
// have been deleted by a person, so a failed one is enqueued only if withFailed is set.
func (s *sweep) enqueueAbsent(ctx context.Context, ids []string, withFailed bool) (err error) {
	if len(ids) == 0 {
		return nil
	}
	s.queue.watched.remove(ids...)
	defer func() {
		if err != nil {
			s.queue.watched.add(ids...)
		}
	}()
	var welcomes []bson.ObjectID
	var tasks []task
	oldest := s.queue.oldestDigest()
	for _, id := range ids {
		t, _ := parseTaskID(id) // check accepted it
		if contact, err := bson.ObjectIDFromHex(t.contact()); t.kind == TypeWelcome && err == nil {
			welcomes = append(welcomes, contact)
		} else if !t.due.Before(oldest) {
			tasks = append(tasks, t)
		}
	}
	missing, err := s.ledger.Missing(ctx, welcomes)
	if err != nil {
		return err
	}
	contacts := slices.Concat(missing.Absent, missing.Unfinished)
	if withFailed {
		contacts = append(contacts, missing.Failed...)
	}
	for _, id := range contacts {
		tasks = append(tasks, welcomeTask(id.Hex()))
	}
	return s.enqueue(ctx, tasks)
}

func (s *sweep) enqueue(ctx context.Context, tasks []task) error {
	if len(tasks) == 0 {
		return nil
	}
	n, _, err := s.queue.enqueueNew(ctx, tasks)
	s.queue.metrics.requeued.Add(float64(n))
	s.result.tasks += n
	s.result.example = tasks[0].id
	if err != nil {
		return fmt.Errorf("enqueue lost tasks again: %w", err)
	}
	s.queue.watched.add(taskIDs(tasks)...)
	return nil
}

// walk goes through all contacts and the ledger. A contact without a row whose task does not exist may be younger
// than the last change that was applied, so it is only noted, for the next sweep.
func (s *sweep) walk(ctx context.Context) error {
	err := s.ledger.Scan(ctx, "", func(context.Context, string, int64, int64) error { return nil },
		func(ctx context.Context, p ledger.Pending) (int64, error) {
			absent, err := s.check(ctx, welcomeIDs(p.Absent, p.Unfinished))
			if err != nil {
				return 0, err
			}
			s.suspects = append(s.suspects, absent...)
			_, err = s.check(ctx, welcomeIDs(p.Failed)) // one that is absent was deleted by a person
			return 0, err
		})
	if err != nil {
		return fmt.Errorf("look for contacts without a job: %w", err)
	}
	s.walkedAt = s.began
	return nil
}

func welcomeIDs(contacts ...[]bson.ObjectID) (ids []string) {
	for _, id := range slices.Concat(contacts...) {
		ids = append(ids, WelcomeTaskID(id.Hex()))
	}
	return ids
}
