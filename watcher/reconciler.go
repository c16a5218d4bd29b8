package watcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/redisx"
)

// scanMarkerTTL is how long a scan that was cut short can be resumed.
const scanMarkerTTL = 24 * time.Hour

// errPaused ends the scan of a reconcile.
var errPaused = errors.New("the pipeline was paused")

// reconciler heals one gap. T0 is the time of the write that records the end of the gap. Up to T0, the
// reconcile invalidates the cache, makes clients read again, and scans the contacts for missing jobs. From
// T0 on, the stream delivers every change.
type reconciler struct {
	session *session
	gap     *Gap
	t0      grapevine.Position
}

// run returns the checkpoint from which the stream continues, or nil if a pause interrupted the scan.
func (r *reconciler) run(intake, work context.Context) (*checkpoint, error) {
	s := r.session
	if err := s.checkReplicaSet(intake); err != nil {
		return nil, err
	}
	if err := r.fixEnd(intake); err != nil {
		return nil, err
	}
	if err := s.ensureCollections(intake); err != nil {
		return nil, err
	}
	s.log.Warn("reconciling", "reason", r.gap.Reason, "from", r.gap.From, "to", r.gap.To, "scanned", r.gap.Scanned, "preexisting", r.gap.Preexisting)
	if err := s.resetEffects(work, r.t0, r.gap.Reason); err != nil {
		return nil, err
	}
	complete, err := r.scan(intake, work)
	if err != nil || !complete {
		return nil, err
	}
	return r.finish(work)
}

// fixEnd chooses T0 once. A resumed scan keeps the same T0: contacts created since may have smaller ids
// than the scan's position.
func (r *reconciler) fixEnd(ctx context.Context) (err error) {
	if r.gap.To != "" {
		r.t0, err = grapevine.ParsePosition(r.gap.To)
		return err
	}
	if r.t0, err = r.session.gaps.recordEndTime(ctx, r.gap.ID); err != nil {
		return fmt.Errorf("record the end of the gap: %w", err)
	}
	r.gap.To = r.t0.String()
	return r.session.gaps.replace(ctx, r.gap)
}

// scan looks for contacts without a job. complete is false if a pause ended it; the next one then resumes.
func (r *reconciler) scan(intake, work context.Context) (complete bool, err error) {
	s, gap := r.session, r.gap
	if err := r.checkMarker(work); err != nil {
		return false, err
	}
	scan := s.Backfill.EnqueueMissing
	if gap.Preexisting {
		scan = s.Backfill.MarkPreexisting
	}
	seen, backfilled := gap.Seen, gap.Backfilled // of scans that were cut short
	err = scan(intake, gap.Scanned, func(ctx context.Context, last string, n, m int64) error {
		s.crash("mid-reconcile")
		gap.Scanned, gap.Seen, gap.Backfilled = last, seen+n, backfilled+m
		if err := s.gaps.replace(ctx, gap); err != nil {
			return err
		}
		if s.paused.Load() {
			return errPaused
		}
		return nil
	})
	if errors.Is(err, errPaused) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("scan the contacts: %w", err)
	}
	return true, nil
}

// checkMarker makes a scan that was cut short start again, unless the tasks that it enqueued are certainly
// still there: Redis was neither emptied nor restarted since.
func (r *reconciler) checkMarker(ctx context.Context) error {
	s := r.session
	key, marker := s.Prefix+grapevine.KeyReconcile, r.gap.ID.Hex()+"/"+string(s.server)
	found, err := s.Redis.SetArgs(ctx, key, marker, redis.SetArgs{Get: true, TTL: scanMarkerTTL}).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("mark the scan: %w", redisx.NameKeys(err, key))
	}
	if found != marker {
		r.gap.Scanned, r.gap.Seen, r.gap.Backfilled = "", 0, 0
	}
	return nil
}

// finish writes the checkpoint at T0, and records the gap as done.
func (r *reconciler) finish(ctx context.Context) (*checkpoint, error) {
	s, gap := r.session, r.gap
	next, err := s.saveAt(ctx, r.t0)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	gap.State, gap.FinishedAt = GapDone, &now
	if err := s.gaps.replace(ctx, gap); err != nil {
		return nil, err
	}
	s.metrics.reconciles.Inc()
	s.log.Info("reconciled", "reason", gap.Reason, "contacts", gap.Seen, "backfilled", gap.Backfilled, "took", now.Sub(gap.StartedAt).Round(time.Millisecond))
	return next, nil
}

// recordEndTime writes to the record of a gap and returns the cluster time of that write.
func (g *gapRecords) recordEndTime(ctx context.Context, id bson.ObjectID) (grapevine.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	mongoSession, err := g.coll.Database().Client().StartSession()
	if err != nil {
		return grapevine.Position{}, err
	}
	defer mongoSession.EndSession(ctx)
	// The value is a new one each time. A write without effect would report a later time.
	_, err = g.coll.UpdateByID(mongo.NewSessionContext(ctx, mongoSession), id,
		bson.D{{Key: "$set", Value: bson.D{{Key: "mark", Value: bson.NewObjectID()}}}})
	if err != nil {
		return grapevine.Position{}, err
	}
	at := mongoSession.OperationTime()
	return grapevine.NewPosition(at.T, at.I, 0), nil
}
