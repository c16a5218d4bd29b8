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

const (
	heartbeatInterval = time.Second
	heartbeatID       = "watcher"
	fieldBeat         = "beat" // the number; old name, kept for stored data
)

// heartbeat updates one document of heartbeats every second while its instance holds the lease. The document
// carries the position of the checkpoint. The update comes back through the stream like any other change:
// that moves the watermark of every instance, keeps the resume token of an idle stream fresh, and measures
// the true lag. The document also proves that the pipeline has run before, and says where a gap begins.
type heartbeat struct {
	coll     *mongo.Collection
	instance string
	wake     chan struct{}

	mu    sync.Mutex
	last  int64               // number of the newest heartbeat
	sent  map[int64]time.Time // heartbeats that have not come back: when their write began, by number
	lag   time.Duration       // of the last one that came back
	known bool                // one came back since reset
}

// newHeartbeat uses the write concern majority, because the stream shows a change only once a majority has it. The
// concern also flushes the journal at once, which takes 2 ms instead of up to 100 ms.
func newHeartbeat(db *mongo.Database, instance string) *heartbeat {
	coll := db.Collection(grapevine.CollectionHeartbeats, options.Collection().SetWriteConcern(writeconcern.Majority()))
	return &heartbeat{coll: coll, instance: instance, wake: make(chan struct{}, 1), sent: map[int64]time.Time{}}
}

// run writes heartbeats until ctx is done. It writes none while position returns false. A heartbeat that
// fails is not retried, because the next one follows within a second.
func (h *heartbeat) run(ctx context.Context, position func() (grapevine.Position, bool)) {
	ticker := time.NewTicker(heartbeatInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if at, ok := position(); ok {
			h.write(ctx, at)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-h.wake:
		}
	}
}

// trigger makes run write the next heartbeat at once.
func (h *heartbeat) trigger() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *heartbeat) write(ctx context.Context, position grapevine.Position) {
	h.mu.Lock()
	h.last = max(h.last+1, time.Now().UnixMilli()) // unlike any number of an earlier holder
	number := h.last
	h.sent[number] = time.Now()
	h.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := h.coll.UpdateByID(ctx, heartbeatID, bson.D{{Key: "$set", Value: bson.D{
		{Key: fieldBeat, Value: number}, {Key: "holder", Value: h.instance}, {Key: "position", Value: position.String()},
	}}}, options.UpdateOne().SetUpsert(true))
	if err != nil { // it may never come back, and must not count as lag
		h.mu.Lock()
		delete(h.sent, number)
		h.mu.Unlock()
	}
}

// acknowledge notes that the heartbeat of that number has passed all effects and the checkpoint.
func (h *heartbeat) acknowledge(number int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at, ok := h.sent[number]; ok {
		h.lag, h.known = time.Since(at), true
	}
	for n := range h.sent {
		if n <= number {
			delete(h.sent, n)
		}
	}
}

// reset forgets the heartbeats that have not come back, because they never will.
func (h *heartbeat) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.sent)
	h.known = false
}

// measureLag returns the time from the write of a heartbeat to the end of its effects. It is the time of the last
// heartbeat that came back, or, if that is more, the age of the oldest one that did not. It is unknown until one has
// come back.
func (h *heartbeat) measureLag() (lag time.Duration, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lag = h.lag
	for _, at := range h.sent {
		lag = max(lag, time.Since(at))
	}
	return lag, h.known
}

// heartbeatNumber is the number in an event of heartbeats, 0 if it has none.
func heartbeatNumber(e *Event) int64 {
	if e.Description != nil {
		if updated, ok := e.Description.Lookup("updatedFields").DocumentOK(); ok {
			n, _ := updated.Lookup(fieldBeat).AsInt64OK()
			return n
		}
	}
	if e.After != nil {
		n, _ := e.After.Lookup(fieldBeat).AsInt64OK()
		return n
	}
	return 0
}

// lastPosition is the position in the last heartbeat of any instance. ran is false if there never was one.
func (h *heartbeat) lastPosition(ctx context.Context) (p grapevine.Position, ran bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var document struct {
		Position string `bson:"position"`
	}
	switch err := h.coll.FindOne(ctx, bson.D{{Key: "_id", Value: heartbeatID}}).Decode(&document); {
	case errors.Is(err, mongo.ErrNoDocuments):
		return grapevine.Position{}, false, nil
	case err != nil:
		return grapevine.Position{}, false, err
	}
	p, _ = grapevine.ParsePosition(document.Position) // if it is unreadable, it has run, and the position is unknown
	return p, true, nil
}
