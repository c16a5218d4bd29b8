package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
)

// Ledger knows which contacts had their jobs. Both walks go through contacts in _id order from after
// (exclusive; "" is the start) and report each chunk, so that a crash goes on where it was.
type Ledger interface {
	// Empty reports whether no contact ever had a job.
	Empty(ctx context.Context) (bool, error)
	// Reconcile enqueues the job of each contact that has no row.
	Reconcile(ctx context.Context, after string, progress Progress) error
	// Preexisting gives each contact without a row one that keeps a reconcile from enqueuing its job.
	Preexisting(ctx context.Context, after string, progress Progress) error
}

// Progress takes the last _id walked, and how many contacts were seen and touched since the start of
// this walk. Its error ends the walk.
type Progress = func(ctx context.Context, last string, seen, touched int64) error

// firstStart is the reason of the record that says when the pipeline ran for the first time. It is no gap.
const firstStart = "first start"

// Gap is one record of gaps: a stretch of history that was not followed change by change, and what
// was done about it. Its first four fields never change.
type Gap struct {
	ID     bson.ObjectID `bson:"_id" json:"id"`
	Reason string        `bson:"reason" json:"reason"`
	From   string        `bson:"from" json:"from"` // position of the last heartbeat before it, "" if unknown
	// Preexisting: contacts without a job are marked instead of given one, at the first start and
	// where the ledger had rows and is empty. Never a mail to a million people.
	Preexisting bool `bson:"preexisting" json:"preexisting"`
	// Ledger, of the first start: rows were seen in the ledger since.
	Ledger bool `bson:"ledger,omitempty" json:"-"`

	To         string     `bson:"to" json:"to"`       // T0: where streaming goes on, "" until known
	State      string     `bson:"state" json:"state"` // open, done
	Walked     string     `bson:"walked" json:"walked"`
	Seen       int64      `bson:"seen" json:"seen"`       // contacts walked
	Touched    int64      `bson:"touched" json:"touched"` // jobs enqueued, or contacts marked
	StartedAt  time.Time  `bson:"startedAt" json:"startedAt"`
	FinishedAt *time.Time `bson:"finishedAt" json:"finishedAt,omitempty"`
}

// MarshalJSON shows the times as everywhere else.
func (g Gap) MarshalJSON() ([]byte, error) {
	type plain Gap
	shown := struct {
		plain
		StartedAt  grapevine.Time  `json:"startedAt"`
		FinishedAt *grapevine.Time `json:"finishedAt,omitempty"`
	}{plain: plain(g), StartedAt: grapevine.Time{Time: g.StartedAt}}
	if g.FinishedAt != nil {
		shown.FinishedAt = &grapevine.Time{Time: *g.FinishedAt}
	}
	return json.Marshal(shown)
}

func (w *Watcher) gaps() *mongo.Collection {
	return w.DB.Collection(gaps, options.Collection().SetWriteConcern(writeconcern.Majority()))
}

func (w *Watcher) anyGap(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	n, err := w.gaps().CountDocuments(ctx, bson.D{}, options.Count().SetLimit(1))
	return n > 0, err
}

func (w *Watcher) findGap(ctx context.Context) (*Gap, error) {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	var gap Gap
	err := w.gaps().FindOne(ctx, bson.D{{Key: "state", Value: GapOpen}}).Decode(&gap)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	return &gap, err
}

// openGap records that history was lost. From then on every holder of the lease reconciles first.
func (s *session) openGap(ctx context.Context, reason string) error {
	if gap, err := s.findGap(ctx); err != nil || gap != nil {
		return err // already open: a crash came in between
	}
	if s.rounds++; s.rounds > roundsMost {
		return fmt.Errorf("%w: history was lost %d times in a row (%s); is the oplog too small for the load?", errStopped, roundsMost, reason)
	}
	from, _, err := s.heart.lastPosition(ctx)
	if err != nil {
		return fmt.Errorf("read the last heartbeat: %w", err)
	}
	lost, err := s.ledgerLost(ctx)
	if err != nil {
		return fmt.Errorf("ask whether the ledger is empty: %w", err)
	}
	gap := Gap{
		ID: bson.NewObjectID(), Reason: reason, Preexisting: lost, State: GapOpen, StartedAt: time.Now().UTC(),
	}
	if !from.IsZero() {
		gap.From = from.String()
	}
	call, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	if _, err := s.gaps().InsertOne(call, gap); err != nil {
		return fmt.Errorf("record the gap: %w", err)
	}
	return nil
}

// ledgerLost reports whether there is no telling who had a job: the ledger is empty, and it had rows
// once or nothing is known of it. A ledger that is empty because no job ever ran has lost nothing.
func (s *session) ledgerLost(ctx context.Context) (bool, error) {
	empty, err := s.Ledger.Empty(ctx)
	if err != nil || !empty {
		return false, err
	}
	call, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	var first Gap
	err = s.gaps().FindOne(call, bson.D{{Key: "reason", Value: firstStart}, {Key: "state", Value: GapDone}}).Decode(&first)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return true, nil
	}
	return first.Ledger, err
}

// noteLedger records, once, that the ledger has rows.
func (s *session) noteLedger(ctx context.Context) error {
	if s.ledgered {
		return nil
	}
	empty, err := s.Ledger.Empty(ctx)
	if err != nil || empty {
		return err
	}
	done, err := s.gaps().UpdateOne(ctx, bson.D{{Key: "reason", Value: firstStart}, {Key: "state", Value: GapDone}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "ledger", Value: true}}}})
	s.ledgered = err == nil && done.MatchedCount > 0
	return err
}

// roundsMost bounds reconciles in a row between which nothing was applied.
const roundsMost = 5

var (
	errStopped = errors.New("reconciling does not help")
	errPaused  = errors.New("the pipeline was paused")
)

// reconcile heals an open gap. T0 is the time of the write that records it; everything up to T0 is
// covered by forgetting the cache, telling clients to re-read, and walking contacts against the
// ledger; everything after it by the stream.
func (s *session) reconcile(reading, work context.Context, gap *Gap) error {
	var err error
	if s.replicaSet, err = replicaSetID(reading, s.DB); err != nil { // it may be another one since we began
		return fmt.Errorf("ask which replica set this is: %w", err)
	}
	t0, err := s.mark(reading, gap)
	if err != nil {
		return err
	}
	if err := s.Prepare(reading); err != nil {
		return fmt.Errorf("prepare the collections: %w", err)
	}
	level := slog.LevelWarn
	if gap.Reason == firstStart {
		level = slog.LevelInfo
	}
	s.log.Log(work, level, "reconciling", "reason", gap.Reason, "from", gap.From, "to", gap.To, "walked", gap.Walked, "preexisting", gap.Preexisting)
	s.known = nil
	s.setApplied(grapevine.Position{})
	anew := []grapevine.Change{{Op: grapevine.Resync, Position: t0, At: t0.Wall(), Reason: gap.Reason, Restart: true}}
	if err := s.Cache.Apply(work, s.batchOf(anew)); err != nil {
		return fmt.Errorf("purge the cache: %w", err)
	}
	if err := s.Events.Apply(work, s.batchOf(anew)); err != nil {
		return fmt.Errorf("begin the history anew: %w", err)
	}
	walk := s.Ledger.Reconcile
	if gap.Preexisting {
		walk = s.Ledger.Preexisting
	}
	if err := s.checkWalk(work, gap); err != nil {
		return err
	}
	seen, touched := gap.Seen, gap.Touched // of walks that a crash cut short
	err = walk(reading, gap.Walked, func(ctx context.Context, last string, n, m int64) error {
		s.crash("mid-reconcile")
		gap.Walked, gap.Seen, gap.Touched = last, seen+n, touched+m
		if err := s.update(ctx, gap); err != nil {
			return err
		}
		if s.paused.Load() {
			return errPaused
		}
		return nil
	})
	if errors.Is(err, errPaused) {
		return nil // it goes on from there when the pipeline does
	}
	if err != nil {
		return fmt.Errorf("walk the contacts: %w", err)
	}
	next := checkpoint{Position: t0, ReplicaSet: s.replicaSet, Database: s.DB.Name(), Pipeline: pipelineHash()}
	if err := s.save(work, nil, next); err != nil {
		return err
	}
	s.known = &next
	s.setApplied(t0)
	now := time.Now().UTC()
	gap.State, gap.FinishedAt = GapDone, &now
	if err := s.update(work, gap); err != nil {
		return err
	}
	s.heart.forget()
	if gap.Reason != firstStart {
		s.metrics.reconciles.Inc()
	}
	s.log.Info("reconciled", "reason", gap.Reason, "contacts", gap.Seen, "touched", gap.Touched, "took", now.Sub(gap.StartedAt).Round(time.Millisecond))
	return nil
}

// checkWalk has a walk that was cut short begin again, unless the tasks it enqueued are sure to be
// there: Redis was neither emptied nor restarted since.
func (s *session) checkWalk(ctx context.Context, gap *Gap) error {
	key, mark := s.Prefix+grapevine.KeyReconcile, gap.ID.Hex()+"/"+s.server
	have, err := s.Redis.SetArgs(ctx, key, mark, redis.SetArgs{Get: true, TTL: 24 * time.Hour}).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("mark the walk: %w", err)
	}
	if have != mark {
		gap.Walked, gap.Seen, gap.Touched = "", 0, 0
	}
	return nil
}

// mark settles T0, once: a walk that a crash cut short goes on with the same one, because contacts
// created since then may lie before where it was.
func (s *session) mark(ctx context.Context, gap *Gap) (grapevine.Position, error) {
	if gap.To != "" {
		return grapevine.ParsePosition(gap.To)
	}
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	mongoSession, err := s.DB.Client().StartSession()
	if err != nil {
		return grapevine.Position{}, err
	}
	defer mongoSession.EndSession(ctx)
	// The field differs each time, so that the write is not a no-op, whose time would be later.
	_, err = s.gaps().UpdateByID(mongo.NewSessionContext(ctx, mongoSession), gap.ID,
		bson.D{{Key: "$set", Value: bson.D{{Key: "mark", Value: bson.NewObjectID()}}}})
	if err != nil {
		return grapevine.Position{}, fmt.Errorf("mark where the gap ends: %w", err)
	}
	at := mongoSession.OperationTime()
	t0 := grapevine.At(at.T, at.I, 0)
	gap.To = t0.String()
	return t0, s.update(ctx, gap)
}

func (w *Watcher) update(ctx context.Context, gap *Gap) error {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	if _, err := w.gaps().ReplaceOne(ctx, bson.D{{Key: "_id", Value: gap.ID}}, gap); err != nil {
		return fmt.Errorf("update the record of the gap: %w", err)
	}
	return nil
}

// CountGaps is the number of recorded gaps.
func CountGaps(ctx context.Context, db *mongo.Database) (int64, error) {
	return db.Collection(gaps).CountDocuments(ctx, realGaps)
}

// Gaps are the recorded gaps, newest first, at most 1,000.
func Gaps(ctx context.Context, db *mongo.Database) ([]Gap, error) {
	cursor, err := db.Collection(gaps).Find(ctx, realGaps, options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(1000))
	if err != nil {
		return nil, err
	}
	var found []Gap
	return found, cursor.All(ctx, &found)
}

// realGaps selects all records but that of the first start, which is no gap.
var realGaps = bson.D{{Key: "reason", Value: bson.D{{Key: "$ne", Value: firstStart}}}}
