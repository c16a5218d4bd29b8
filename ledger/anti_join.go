package ledger

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// antiJoin finds the contacts without a row. It merges both collections in the order of their ids, so
// that both are read from their index on _id alone.
type antiJoin struct {
	contacts, rows idCursor

	row       bson.ObjectID // the row that was read last
	started   bool          // a row was read
	exhausted bool          // there are no more rows
}

// next returns the next contacts, up to limit, and those of them without a row. No contacts means the
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
		if err := j.advanceRows(ctx, id); err != nil {
			return nil, nil, err
		}
		if j.exhausted || j.row != id {
			absent = append(absent, id)
		}
	}
	return chunk, absent, nil
}

// advanceRows reads rows up to the first whose id is not below the given one.
func (j *antiJoin) advanceRows(ctx context.Context, id bson.ObjectID) (err error) {
	for !j.exhausted && (!j.started || compareIDs(j.row, id) < 0) {
		j.started = true
		var ok bool
		if j.row, ok, err = j.rows.next(ctx); err != nil {
			return err
		}
		j.exhausted = !ok
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
