package ledger

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

var (
	// ErrDone says that an earlier run applied the effect.
	ErrDone = errors.New("the effect is already applied")
	// ErrClaimLost says that the claim expired and another run took it, which may apply the effect again.
	ErrClaimLost = errors.New("the claim expired and another run took it")
)

// HeldError says that another run holds the claim.
type HeldError struct{ Until time.Time }

func (e *HeldError) Error() string {
	return "another run holds the claim until " + e.Until.UTC().Format(time.RFC3339)
}

// Claim is the right of one run to apply the effect on one contact. Not safe for concurrent use.
type Claim struct {
	Attempt int           // the number of claims on this contact so far, this one included
	Tried   time.Duration // the time since the first of them, by MongoDB's clock

	ledger   *Ledger
	contact  bson.ObjectID
	holder   string
	recordBy time.Time
	ended    bool
}

// Claim gives the contact to the caller, whose run ends by the deadline. It is one atomic update on
// MongoDB's clock, so only one of several runs gets the claim. The others get [ErrDone] or a [HeldError].
func (l *Ledger) Claim(ctx context.Context, contact bson.ObjectID, deadline time.Time) (*Claim, error) {
	if err := l.recordUse(ctx); err != nil {
		return nil, err
	}
	holder := rand.Text()
	r, err := l.claim(ctx, contact, holder, time.Until(deadline)+l.Margin)
	switch {
	case err != nil:
		return nil, err
	case r.State == Done:
		return nil, ErrDone
	case r.Holder != holder:
		return nil, &HeldError{Until: r.Until}
	}
	return &Claim{Attempt: r.Attempt, Tried: r.At.Sub(r.First), ledger: l, contact: contact, holder: holder, recordBy: deadline.Add(l.Margin / 2)}, nil
}

// claim takes the row unless the effect is done or another run holds a claim. It returns the row after that.
func (l *Ledger) claim(ctx context.Context, contact bson.ObjectID, holder string, lease time.Duration) (row, error) {
	free := bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "$in", Value: bson.A{
			bson.D{{Key: "$ifNull", Value: bson.A{"$state", Preexisting}}}, bson.A{Preexisting, Skipped, Refused},
		}}},
		bson.D{{Key: "$and", Value: bson.A{
			bson.D{{Key: "$eq", Value: bson.A{"$state", Claimed}}},
			bson.D{{Key: "$lte", Value: bson.A{"$until", "$$NOW"}}},
		}}},
	}}}
	claimed := bson.D{
		{Key: "_id", Value: "$_id"},
		{Key: "state", Value: Claimed},
		{Key: "by", Value: holder},
		{Key: "until", Value: bson.D{{Key: "$add", Value: bson.A{"$$NOW", lease.Milliseconds()}}}},
		{Key: "attempt", Value: bson.D{{Key: "$add", Value: bson.A{bson.D{{Key: "$ifNull", Value: bson.A{"$attempt", 0}}}, 1}}}},
		// A task that is run again after it was archived starts anew.
		{Key: "first", Value: bson.D{{Key: "$cond", Value: bson.A{"$failed", "$$NOW", bson.D{{Key: "$ifNull", Value: bson.A{"$first", "$$NOW"}}}}}}},
		{Key: "at", Value: "$$NOW"},
	}
	update := bson.A{bson.D{{Key: "$replaceWith", Value: bson.D{
		{Key: "$cond", Value: bson.A{free, claimed, "$$ROOT"}},
	}}}}
	for range 3 {
		var r row
		err := l.rows.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: contact}}, update,
			options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&r)
		if mongo.IsDuplicateKeyError(err) {
			continue // two upserts collided; the row exists now
		}
		if err != nil {
			return row{}, fmt.Errorf("claim contact %s: %w", contact.Hex(), err)
		}
		return r, nil
	}
	return row{}, fmt.Errorf("claim contact %s: its row keeps appearing and disappearing", contact.Hex())
}

// Finish records the outcome, [Done] or [Skipped]. It ignores the end of ctx, because the effect is already applied. It
// gives up when half of the margin after the run's deadline has passed. A failed Finish keeps the claim, since a
// release would let the next run apply the effect again at once.
func (c *Claim) Finish(ctx context.Context, outcome State, note string) error {
	c.ended = true
	set := bson.D{{Key: "state", Value: outcome}}
	if note != "" {
		set = append(set, bson.E{Key: "note", Value: note})
	}
	return c.update(ctx, bson.D{
		{Key: "$set", Value: set},
		{Key: "$unset", Value: bson.D{{Key: "by", Value: ""}, {Key: "until", Value: ""}, {Key: "first", Value: ""}}},
		{Key: "$currentDate", Value: bson.D{{Key: "at", Value: true}}},
	})
}

// Release gives up a claim that was not finished, so that a retry need not wait until it expires. Defer it:
// it also runs after a panic. An error is not reported, because the claim then expires by itself.
func (c *Claim) Release(ctx context.Context) {
	if c.ended {
		return
	}
	c.ended = true
	_ = c.update(ctx, bson.D{
		{Key: "$unset", Value: bson.D{{Key: "by", Value: ""}}},
		{Key: "$currentDate", Value: bson.D{{Key: "at", Value: true}, {Key: "until", Value: true}}},
	})
}

// Fail notes on a claim that nobody holds that its task is archived, and why. A sweep does not bring such a task
// back, so that a person may delete it; a reconcile does.
func (l *Ledger) Fail(ctx context.Context, contact bson.ObjectID, reason string) error {
	return l.close(ctx, contact, bson.D{{Key: "failed", Value: true}, {Key: "note", Value: reason}})
}

// Refuse ends a claim that nobody holds with the state [Refused]: neither a sweep nor a reconcile tries again. A
// person can still run the archived task.
func (l *Ledger) Refuse(ctx context.Context, contact bson.ObjectID, reason string) error {
	return l.close(ctx, contact, bson.D{{Key: "state", Value: Refused}, {Key: "note", Value: reason}})
}

func (l *Ledger) close(ctx context.Context, contact bson.ObjectID, set bson.D) error {
	_, err := l.rows.UpdateOne(ctx, bson.D{
		{Key: "_id", Value: contact}, {Key: "state", Value: Claimed}, {Key: "by", Value: bson.D{{Key: "$exists", Value: false}}},
	}, bson.D{{Key: "$set", Value: set}})
	if err != nil {
		return fmt.Errorf("record the failure of contact %s: %w", contact.Hex(), err)
	}
	return nil
}

func (c *Claim) update(ctx context.Context, update bson.D) error {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), c.recordBy)
	defer cancel()
	res, err := c.ledger.rows.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: c.contact}, {Key: "state", Value: Claimed}, {Key: "by", Value: c.holder}}, update)
	if err != nil {
		return fmt.Errorf("update the claim on contact %s: %w", c.contact.Hex(), err)
	}
	if res.MatchedCount == 0 {
		return ErrClaimLost
	}
	return nil
}
