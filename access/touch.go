package access

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

const (
	maxTouches   = 1000 // updates that wait; beyond it updates are dropped
	touchWriters = 2
)

// touches are the sessions and tokens whose time of last use is to be stored. Nobody waits for that.
type touches chan *heldRight

// touch asks for an update of the time of last use, if one is due. The stream brings the stored time back.
func (a *Access) touch(h *heldRight, now time.Time) {
	interval := a.times.used
	if h.principal.Session != "" {
		interval = a.times.seen
	}
	if now.Sub(h.lastUse.Load().seen) < interval {
		return
	}
	tried, since := h.touched.Load(), a.proof.now()
	if since-time.Duration(tried) < interval/2 || !h.touched.CompareAndSwap(tried, int64(since)) {
		return
	}
	select {
	case a.touches <- h:
	default:
	}
}

// storeTouches updates until ctx is done.
func (a *Access) storeTouches(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case h := <-a.touches:
			call, cancel := context.WithTimeout(ctx, a.times.write)
			err := a.storeTouch(call, h)
			cancel()
			if err != nil && ctx.Err() == nil {
				a.cfg.Logger.Debug("cannot store when a session or token was last used", "err", err)
			}
		}
	}
}

// storeTouch updates one document, on the condition that nobody else has done so lately. It never inserts: the session or
// token may be gone. MongoDB's clock decides.
func (a *Access) storeTouch(ctx context.Context, h *heldRight) error {
	collection, field, interval := a.tokens, "usedAt", a.times.used
	set := bson.D{{Key: field, Value: "$$NOW"}}
	if h.principal.Session != "" {
		collection, field, interval = a.sessions, "seenAt", a.times.seen
		set = bson.D{{Key: field, Value: "$$NOW"}, {Key: "expiresAt", Value: laterEnd(h.right)}}
	}
	last := bson.D{{Key: "$ifNull", Value: bson.A{"$" + field, time.Unix(0, 0)}}}
	due := bson.D{{Key: "$subtract", Value: bson.A{"$$NOW", interval.Milliseconds()}}}
	_, err := collection.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: h.right.hash}, {Key: "$expr", Value: bson.D{{Key: "$lte", Value: bson.A{last, due}}}}},
		mongo.Pipeline{{{Key: "$set", Value: set}}})
	return err
}

// laterEnd is the new stored end of a session that is used now. An end that somebody has set sooner than the lengths of
// sessions stays.
func laterEnd(r *right) bson.D {
	after := func(use any) bson.D {
		end := bson.D{{Key: "$add", Value: bson.A{use, r.idle.Milliseconds()}}}
		return bson.D{{Key: "$min", Value: bson.A{r.latest, end}}}
	}
	const tolerance = 1000 // milliseconds
	usual := bson.D{{Key: "$gte", Value: bson.A{
		bson.D{{Key: "$add", Value: bson.A{"$expiresAt", tolerance}}},
		after(bson.D{{Key: "$ifNull", Value: bson.A{"$seenAt", "$createdAt"}}}),
	}}}
	return bson.D{{Key: "$cond", Value: bson.A{usual, after("$$NOW"), "$expiresAt"}}}
}
