package imports

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	err = s.imports.FindOneAndUpdate(ctx, filter, update, options.FindOneAndUpdate().SetReturnDocument(options.After)).Decode(&d)
	if err == nil {
		return d, 0, nil
	}
	if !errors.Is(err, mongo.ErrNoDocuments) {
		return nil, 0, fmt.Errorf("claim import %s: %w", id.Hex(), err)
	}
	n, err := s.imports.CountDocuments(ctx, bson.D{{Key: "_id", Value: id}, unfinished()})
	if err != nil {
		return nil, 0, fmt.Errorf("look for import %s: %w", id.Hex(), err)
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
		{Key: "attempts", Value: d.Attempts},
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
	return s.updateHeld(ctx, d, bson.A{bson.D{{Key: "$set", Value: bson.D{{Key: "until", Value: "$$NOW"}, {Key: "by", Value: "$$REMOVE"}}}}})
}

func (s *Storage) updateHeld(ctx context.Context, d *document, update bson.A) error {
	result, err := s.imports.UpdateOne(ctx, bson.D{{Key: "_id", Value: d.ID}, {Key: "by", Value: d.Holder}}, update)
	if err != nil {
		return fmt.Errorf("record the progress of import %s: %w", d.ID.Hex(), err)
	}
	if result.MatchedCount == 0 {
		return errClaimLost
	}
	return nil
}

// forget deletes the file of an import that has ended.
func (s *Storage) forget(ctx context.Context, id bson.ObjectID, file bson.ObjectID) error {
	if err := s.deleteFile(ctx, file); err != nil {
		return err
	}
	_, err := s.imports.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$unset", Value: bson.D{{Key: "file", Value: ""}}}})
	if err != nil {
		return fmt.Errorf("record that the file of import %s is deleted: %w", id.Hex(), err)
	}
	return nil
}
