package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Progress is told after each chunk of a walk: everything up to and including lastID is dealt with;
// seen contacts were passed in this call and enqueued of them given something. An error stops the walk.
type Progress = func(ctx context.Context, lastID string, seen, enqueued int64) error

// chunkSize is how many contacts are dealt with between two reports of progress.
const chunkSize = 10_000

// Empty reports whether the ledger has no row. Empty although the pipeline has run before means that
// it was lost.
func (q *Queue) Empty(ctx context.Context) (bool, error) { return q.ledger.empty(ctx) }

// Reconcile enqueues the welcome of every contact on which no effect was had: those without a row in
// the ledger, and those whose claim nobody finished, because its task may be lost as well. It walks in
// the order of ids from the one after from ("" is the start); contacts whose id is not an ObjectID
// are passed over. Running it twice, or beside live tasks, is harmless.
func (q *Queue) Reconcile(ctx context.Context, from string, progress Progress) error {
	if err := publish(ctx, q.rdb); err != nil {
		return err
	}
	return q.ledger.walk(ctx, from, progress, func(ctx context.Context, absent, unfinished []bson.ObjectID) (int64, error) {
		tasks := make([]task, 0, len(absent)+len(unfinished))
		for _, id := range slices.Concat(absent, unfinished) {
			tasks = append(tasks, welcomeTask(id.Hex()))
		}
		return q.enqueue(ctx, tasks)
	})
}

// Preexisting gives every contact without a row one that says it was there before the pipeline first
// ran, so that a reconcile never welcomes it. A row that is there already is left as it is.
func (q *Queue) Preexisting(ctx context.Context, from string, progress Progress) error {
	if err := publish(ctx, q.rdb); err != nil {
		return err
	}
	return q.ledger.walk(ctx, from, progress, func(ctx context.Context, absent, _ []bson.ObjectID) (int64, error) {
		return q.ledger.insertPreexisting(ctx, absent)
	})
}

// insertPreexisting inserts unordered, so that a row that a live task made meanwhile stops nothing.
func (l *Ledger) insertPreexisting(ctx context.Context, ids []bson.ObjectID) (inserted int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	docs := make([]bson.D, len(ids))
	for i, id := range ids {
		docs[i] = bson.D{{Key: "_id", Value: id}, {Key: "state", Value: preexisting}, {Key: "at", Value: id.Timestamp()}}
	}
	_, err = l.effects.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
	if err == nil {
		return int64(len(ids)), nil
	}
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if ok && bulk.WriteConcernError == nil && !slices.ContainsFunc(bulk.WriteErrors, func(e mongo.BulkWriteError) bool { return !mongo.IsDuplicateKeyError(e) }) {
		return int64(len(ids) - len(bulk.WriteErrors)), nil
	}
	return 0, fmt.Errorf("record contacts that were there before: %w", err)
}

// walk hands the contacts without a row, and those with an unfinished claim, to visit, a chunk at a time.
func (l *Ledger) walk(ctx context.Context, from string, progress Progress,
	visit func(ctx context.Context, absent, unfinished []bson.ObjectID) (int64, error),
) error {
	// The range also keeps other types of _id out: a comparison with an ObjectID matches only ObjectIDs.
	above := bson.D{{Key: "$gte", Value: bson.ObjectID{}}}
	if from != "" {
		low, err := bson.ObjectIDFromHex(from)
		if err != nil {
			return fmt.Errorf("walk the contacts from %.64q: %w", from, err)
		}
		above = bson.D{{Key: "$gt", Value: low}}
	}
	contacts, err := openIDs(ctx, l.contacts, above)
	if err != nil {
		return err
	}
	defer contacts.close(ctx)
	effects, err := openIDs(ctx, l.effects, above)
	if err != nil {
		return err
	}
	defer effects.close(ctx)

	both := sideBySide{contacts: contacts, effects: effects}
	var seen, acted int64
	for {
		chunk, absent, err := both.next(ctx, chunkSize)
		if err != nil || len(chunk) == 0 {
			return err
		}
		unfinished, err := l.unfinished(ctx, chunk)
		if err != nil {
			return err
		}
		n, err := visit(ctx, absent, unfinished)
		if err != nil {
			return err
		}
		seen, acted = seen+int64(len(chunk)), acted+n
		if err := progress(ctx, chunk[len(chunk)-1].Hex(), seen, acted); err != nil {
			return err
		}
	}
}

// sideBySide goes through contacts and effects together, both by their index on _id alone.
type sideBySide struct {
	contacts, effects idCursor

	row          bson.ObjectID // the effect that was read last
	begun, ended bool          // whether one was read; whether there are no more
}

// next is the next contacts, none at the end, and those of them without a row.
func (s *sideBySide) next(ctx context.Context, most int) (chunk, absent []bson.ObjectID, err error) {
	chunk = make([]bson.ObjectID, 0, most)
	for len(chunk) < most {
		id, ok, err := s.contacts.next(ctx)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			break
		}
		chunk = append(chunk, id)
		for !s.ended && (!s.begun || compareIDs(s.row, id) < 0) {
			s.begun = true
			if s.row, ok, err = s.effects.next(ctx); err != nil {
				return nil, nil, err
			}
			s.ended = !ok
		}
		if s.ended || s.row != id {
			absent = append(absent, id)
		}
	}
	return chunk, absent, nil
}

// unfinished lists those of the chunk, sorted by id, that have a claim.
func (l *Ledger) unfinished(ctx context.Context, chunk []bson.ObjectID) ([]bson.ObjectID, error) {
	cur, err := l.effects.Find(ctx, bson.D{
		{Key: "state", Value: claimed},
		{Key: "_id", Value: bson.D{{Key: "$gte", Value: chunk[0]}, {Key: "$lte", Value: chunk[len(chunk)-1]}}},
	}, options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("list unfinished effects: %w", err)
	}
	var rows []struct {
		ID bson.ObjectID `bson:"_id"`
	}
	if err := cur.All(ctx, &rows); err != nil {
		return nil, fmt.Errorf("list unfinished effects: %w", err)
	}
	var ids []bson.ObjectID
	for _, r := range rows {
		if _, found := slices.BinarySearchFunc(chunk, r.ID, compareIDs); found {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

func compareIDs(a, b bson.ObjectID) int { return slices.Compare(a[:], b[:]) }

// idCursor is a cursor over the ObjectIDs of a collection, ascending.
type idCursor struct {
	name   string
	cursor *mongo.Cursor
}

func openIDs(ctx context.Context, c *mongo.Collection, above bson.D) (idCursor, error) {
	cur, err := c.Find(ctx, bson.D{{Key: "_id", Value: above}}, options.Find().
		SetProjection(bson.D{{Key: "_id", Value: 1}}).SetSort(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(chunkSize))
	if err != nil {
		return idCursor{}, fmt.Errorf("walk %s: %w", c.Name(), err)
	}
	return idCursor{name: c.Name(), cursor: cur}, nil
}

func (i idCursor) next(ctx context.Context) (id bson.ObjectID, ok bool, err error) {
	if !i.cursor.Next(ctx) {
		if err := i.cursor.Err(); err != nil {
			return id, false, fmt.Errorf("walk %s: %w", i.name, err)
		}
		return id, false, ctx.Err()
	}
	id, ok = i.cursor.Current.Lookup("_id").ObjectIDOK()
	if !ok {
		return id, false, fmt.Errorf("walk %s: an _id is not an ObjectID", i.name)
	}
	return id, true, nil
}

func (i idCursor) close(ctx context.Context) { _ = i.cursor.Close(context.WithoutCancel(ctx)) }
