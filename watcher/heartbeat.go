package watcher

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
)

// heart updates one document of heartbeats every second while the lease is held, with the last
// checkpointed position. The update comes back through the stream like any other change: that moves
// every instance's watermark, keeps an idle resume token fresh, and measures the true lag. The
// document is also the proof that the pipeline has run before, and says where a gap begins.
type heart struct {
	db       *mongo.Database
	instance string

	mu    sync.Mutex
	beat  int64
	sent  map[int64]time.Time // beats on their way: number → when the write began (monotonic)
	lag   time.Duration
	known bool
}

const heartbeatID = "watcher"

func newHeart(db *mongo.Database, instance string) *heart {
	return &heart{db: db, instance: instance, sent: map[int64]time.Time{}}
}

// run beats until ctx is done. A beat that fails is left out: the next one is a second away.
func (h *heart) run(ctx context.Context, position func() grapevine.Position) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		h.strike(ctx, position())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (h *heart) strike(ctx context.Context, position grapevine.Position) {
	h.mu.Lock()
	h.beat = max(h.beat+1, time.Now().UnixMilli()) // unlike any beat of a holder before us
	beat := h.beat
	h.sent[beat] = time.Now()
	h.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	_, err := h.collection().UpdateByID(ctx, heartbeatID, bson.D{{Key: "$set", Value: bson.D{
		{Key: "beat", Value: beat}, {Key: "holder", Value: h.instance}, {Key: "position", Value: position.String()},
	}}}, options.UpdateOne().SetUpsert(true))
	if err != nil { // it may still have been written; what never comes back must not count as lag
		h.mu.Lock()
		delete(h.sent, beat)
		h.mu.Unlock()
	}
}

// collection writes with majority, because a change is only seen once a majority has it, and asking
// for it flushes the journal at once: 2 ms instead of up to 100.
func (h *heart) collection() *mongo.Collection {
	return h.db.Collection(heartbeats, options.Collection().SetWriteConcern(writeconcern.Majority()))
}

// applied notes that the beat has passed all effects and the checkpoint.
func (h *heart) applied(beat int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at, ok := h.sent[beat]; ok {
		h.lag, h.known = time.Since(at), true
	}
	for n := range h.sent {
		if n <= beat {
			delete(h.sent, n)
		}
	}
}

// forget drops what is on its way: after a reconcile those beats never come.
func (h *heart) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.sent)
	h.known = false
}

// measured is the lag from a write of a heartbeat to the end of its effects: that of the last one,
// or the age of the oldest one still on its way if that is more. Unknown until one came through.
func (h *heart) measured() (lag time.Duration, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lag = h.lag
	for _, at := range h.sent {
		lag = max(lag, time.Since(at))
	}
	return lag, h.known
}

// beatOf is the number of a heartbeat event, 0 if it has none.
func beatOf(e event) int64 {
	if e.description != nil {
		if updated, ok := e.description.Lookup("updatedFields").DocumentOK(); ok {
			n, _ := updated.Lookup("beat").AsInt64OK()
			return n
		}
	}
	if e.after != nil {
		n, _ := e.after.Lookup("beat").AsInt64OK()
		return n
	}
	return 0
}

// lastPosition is where the pipeline was at its last heartbeat; ran is false if it never beat.
func (h *heart) lastPosition(ctx context.Context) (p grapevine.Position, ran bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	var doc struct {
		Position string `bson:"position"`
	}
	switch err := h.collection().FindOne(ctx, bson.D{{Key: "_id", Value: heartbeatID}}).Decode(&doc); {
	case errors.Is(err, mongo.ErrNoDocuments):
		return grapevine.Position{}, false, nil
	case err != nil:
		return grapevine.Position{}, false, err
	}
	p, _ = grapevine.ParsePosition(doc.Position) // unreadable: it ran, from where is not known
	return p, true, nil
}
