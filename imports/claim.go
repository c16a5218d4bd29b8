package imports

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	claimTime  = 20 * time.Second // after a crash, the next run begins that much later
	claimRenew = 5 * time.Second
)

// errClaimLost says that another run works on the import.
var errClaimLost = errors.New("another run works on the import")

// claim gives the import to this run. nil means that it has ended, or that there is none. wait is how long another run
// holds it.
func (s *Storage) claim(ctx context.Context, id bson.ObjectID) (d *document, wait time.Duration, err error) {
	holder := rand.Text()
	free := bson.D{{Key: "$lte", Value: bson.A{bson.D{{Key: "$ifNull", Value: bson.A{"$until", time.Time{}}}}, "$$NOW"}}}
	update := bson.A{bson.D{{Key: "$set", Value: bson.D{
		{Key: "state", Value: Running},
		{Key: "by", Value: holder},
		{Key: "until", Value: claimEnd()},
		{Key: "attempts", Value: bson.D{{Key: "$add", Value: bson.A{"$attempts", 1}}}},
		{Key: "runs", Value: bson.D{{Key: "$add", Value: bson.A{"$runs", 1}}}},
	}}}}
	filter := bson.D{{Key: "_id", Value: id}, unfinished(), {Key: "$expr", Value: free}}
	err = call(ctx, "claim import "+id.Hex(), func(ctx context.Context) error {
		return s.imports.FindOneAndUpdate(ctx, filter, update, options.FindOneAndUpdate().SetReturnDocument(options.After)).Decode(&d)
	})
	if err == nil {
		d.Message = "" // of the run before
		return d, 0, nil
	}
	if !errors.Is(err, mongo.ErrNoDocuments) {
		return nil, 0, err
	}
	n := int64(0)
	err = call(ctx, "look for import "+id.Hex(), func(ctx context.Context) error {
		n, err = s.imports.CountDocuments(ctx, bson.D{{Key: "_id", Value: id}, unfinished()})
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return nil, time.Duration(n) * claimTime, nil
}

// claimEnd is an expression for the end of a claim that begins now, by MongoDB's clock.
func claimEnd() bson.D {
	return bson.D{{Key: "$add", Value: bson.A{"$$NOW", claimTime.Milliseconds()}}}
}

// unfinished matches imports that have not ended.
func unfinished() bson.E {
	return bson.E{Key: "state", Value: bson.D{{Key: "$in", Value: bson.A{Waiting, Running}}}}
}

// save records how far the run is, and renews its claim. A final state ends the claim.
func (s *Storage) save(ctx context.Context, d *document) error {
	set := bson.D{
		{Key: "state", Value: d.State},
		{Key: "rows", Value: d.Rows},
		{Key: "offset", Value: d.Offset},
		{Key: "attempts", Value: d.Attempts},
		{Key: "unlinked", Value: d.Unlinked},
		{Key: "position", Value: d.Position},
		{Key: "message", Value: bson.D{{Key: "$literal", Value: d.Message}}},
		{Key: "report", Value: bson.D{{Key: "$literal", Value: d.Report}}},
	}
	if d.State.Ended() {
		set = append(set, bson.E{Key: "endedAt", Value: "$$NOW"}, bson.E{Key: "until", Value: "$$REMOVE"}, bson.E{Key: "by", Value: "$$REMOVE"})
	} else {
		set = append(set, bson.E{Key: "until", Value: claimEnd()})
	}
	return s.updateHeld(ctx, d, bson.A{bson.D{{Key: "$set", Value: set}}})
}

func (s *Storage) renew(ctx context.Context, d *document) error {
	return s.updateHeld(ctx, d, bson.A{bson.D{{Key: "$set", Value: bson.D{{Key: "until", Value: claimEnd()}}}}})
}

// release ends the claim, so that another run can begin at once.
func (s *Storage) release(ctx context.Context, d *document) error {
	return s.updateHeld(ctx, d, bson.A{bson.D{{Key: "$set", Value: bson.D{
		{Key: "until", Value: "$$NOW"}, {Key: "by", Value: "$$REMOVE"}, {Key: "attempts", Value: d.Attempts},
	}}}})
}

func (s *Storage) updateHeld(ctx context.Context, d *document, update bson.A) error {
	return call(ctx, "record the progress of import "+d.ID.Hex(), func(ctx context.Context) error {
		result, err := s.imports.UpdateOne(ctx, bson.D{{Key: "_id", Value: d.ID}, {Key: "by", Value: d.Holder}}, update)
		if err == nil && result.MatchedCount == 0 {
			return errClaimLost
		}
		return err
	})
}

// forget deletes the file of an import that has ended.
func (s *Storage) forget(ctx context.Context, id bson.ObjectID, file bson.ObjectID) error {
	if err := s.deleteFile(ctx, file); err != nil {
		return err
	}
	return call(ctx, "record that the file of import "+id.Hex()+" is deleted", func(ctx context.Context) error {
		_, err := s.imports.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$unset", Value: bson.D{{Key: "file", Value: ""}}}})
		return err
	})
}
