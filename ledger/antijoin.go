package ledger

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// antiJoin finds the contacts without an effect. It merges both collections in the order of their ids, so
// that both are read from their index on _id alone.
type antiJoin struct {
	contacts, effects idCursor

	effect  bson.ObjectID // the effect that was read last
	started bool          // an effect was read
	drained bool          // there are no more effects
}

// next returns the next contacts, up to limit, and those of them without an effect. No contacts means the
// end.
func (j *antiJoin) next(ctx context.Context, limit int) (chunk, absent []bson.ObjectID, err error) {
	chunk = make([]bson.ObjectID, 0, limit)
	for len(chunk) < limit {
		id, ok, err := j.contacts.next(ctx)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			break
		}
		chunk = append(chunk, id)
		if err := j.advanceEffects(ctx, id); err != nil {
			return nil, nil, err
		}
		if j.drained || j.effect != id {
			absent = append(absent, id)
		}
	}
	return chunk, absent, nil
}

// advanceEffects reads effects up to the first whose id is not below the given one.
func (j *antiJoin) advanceEffects(ctx context.Context, id bson.ObjectID) (err error) {
	for !j.drained && (!j.started || compareIDs(j.effect, id) < 0) {
		j.started = true
		var ok bool
		if j.effect, ok, err = j.effects.next(ctx); err != nil {
			return err
		}
		j.drained = !ok
	}
	return nil
}

func compareIDs(a, b bson.ObjectID) int { return slices.Compare(a[:], b[:]) }

// idCursor is a cursor over the ObjectIDs of a collection, ascending.
type idCursor struct {
	name   string
	cursor *mongo.Cursor
}

func openIDs(ctx context.Context, c *mongo.Collection, idRange bson.D) (idCursor, error) {
	cur, err := c.Find(ctx, bson.D{{Key: "_id", Value: idRange}}, options.Find().
		SetProjection(bson.D{{Key: "_id", Value: 1}}).SetSort(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(chunkSize))
	if err != nil {
		return idCursor{}, fmt.Errorf("scan %s: %w", c.Name(), err)
	}
	return idCursor{name: c.Name(), cursor: cur}, nil
}

func (i idCursor) next(ctx context.Context) (id bson.ObjectID, ok bool, err error) {
	if !i.cursor.Next(ctx) {
		if err := i.cursor.Err(); err != nil {
			return id, false, fmt.Errorf("scan %s: %w", i.name, err)
		}
		return id, false, ctx.Err()
	}
	id, ok = i.cursor.Current.Lookup("_id").ObjectIDOK()
	if !ok {
		return id, false, fmt.Errorf("scan %s: an _id is not an ObjectID", i.name)
	}
	return id, true, nil
}

func (i idCursor) close(ctx context.Context) { _ = i.cursor.Close(context.WithoutCancel(ctx)) }
