package watcher

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// A drop or a rename of one of these collections is a reconcile.
var ours = []string{contacts, heartbeats, grapevine.CollectionEffects, deadLetters, gaps, control}

// pipeline matches on operation and namespace alone: a match on the document would lose deletions.
func pipeline() mongo.Pipeline {
	return mongo.Pipeline{{{Key: "$match", Value: bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "ns.coll", Value: bson.D{{Key: "$in", Value: bson.A{contacts, heartbeats}}}}},
		bson.D{{Key: "operationType", Value: bson.D{{Key: "$in", Value: bson.A{"drop", "rename", "dropDatabase", "invalidate"}}}}},
	}}}}}}
}

// pipelineHash tells tokens made with this pipeline from those of another version of it. Every batch
// asks for it, and it never differs.
var pipelineHash = sync.OnceValue(func() string {
	text, _ := bson.MarshalExtJSON(bson.D{{Key: "pipeline", Value: pipeline()}}, true, false)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
})

const (
	batchSize  = 1000                   // changes applied together
	await      = 500 * time.Millisecond // how long the server waits for a change before an empty answer
	callBound  = 5 * time.Second        // of one call: a hung mongod otherwise blocks for 99 s
	readAhead  = 2                      // batches decoded while one is applied
	stuckAfter = 5                      // tries that a refused token gets
)

// batch is what is applied together and checkpointed once.
type batch struct {
	changes []grapevine.Change
	dead    []deadLetter // those of changes that are Resyncs because they could not be decoded
	token   string       // of the last change
	seen    time.Time
	beat    int64  // newest heartbeat in it, 0 if none
	broken  string // why the stream cannot go on after it: one of our collections was dropped or renamed
}

// stream reads batches of a change stream.
type stream struct {
	cs     *mongo.ChangeStream
	decode Decoder
	last   grapevine.Position // of the last change read
	// fetch reads a document by its key where the stream carries none; nil: the stream carries them.
	fetch func(bson.ObjectID) (bson.Raw, error)
}

// view is what a stream shows.
type view int

const (
	full     view = iota // each change with the document before and after it
	oneByOne             // the same, and the server reads no further than asked
	without              // no documents: small enough to be read where the whole is not
)

// open starts a stream after a checkpoint.
func open(ctx context.Context, db *mongo.Database, from checkpoint, decode Decoder, shows view) (*stream, error) {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	opts := options.ChangeStream().SetBatchSize(batchSize).SetMaxAwaitTime(await)
	if shows == oneByOne {
		opts.SetBatchSize(1)
	}
	stages := pipeline()
	if shows == without {
		stages = append(stages, slim())
	} else {
		opts.SetFullDocument(options.WhenAvailable).SetFullDocumentBeforeChange(options.WhenAvailable)
	}
	s := &stream{decode: decode, last: from.Position}
	if from.Token != "" && from.Pipeline == pipelineHash() {
		opts.SetStartAfter(token(from.Token))
	} else {
		// A token made with another pipeline may fail later, on the first event that only one of the
		// two lets through. Its time is good; what repeats is refused or already done.
		at := from.Position
		if from.Token == "" { // just after a reconcile: its own time is done
			at.Time++
		}
		opts.SetStartAtOperationTime(&bson.Timestamp{T: at.T(), I: at.I()})
		s.last = grapevine.Position{}
	}
	var err error
	s.cs, err = db.Watch(ctx, stages, opts)
	return s, err
}

func (s *stream) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = s.cs.Close(ctx) // the server drops an abandoned cursor by itself
}

// errEnded is a stream that ended without an error, as it does when the database is dropped.
var errEnded = errors.New("the change stream ended")

// read waits a moment for changes and returns those at hand, at most most of them. An empty batch is
// a quiet moment. A batch that came together with an error is good and stands before it.
func (s *stream) read(ctx context.Context, most int) (batch, error) {
	var b batch
	for len(b.changes) < most {
		call, cancel := context.WithTimeout(ctx, callBound)
		got := s.cs.TryNext(call)
		cancel()
		if !got {
			if err := s.cs.Err(); err != nil {
				return b, err
			}
			if s.cs.ID() == 0 {
				return b, errEnded
			}
			return b, nil
		}
		if b.seen.IsZero() {
			b.seen = time.Now()
		}
		if err := s.take(&b, s.cs.Current); err != nil {
			return b, err
		}
		if b.broken != "" || s.cs.RemainingBatchLength() == 0 {
			break
		}
	}
	return b, nil
}

// take adds an event to the batch. It errs only where the document could not be fetched.
func (s *stream) take(b *batch, raw bson.Raw) error {
	e := parse(raw)
	if slices.Contains([]string{"drop", "rename", "dropDatabase", "invalidate"}, e.op) {
		if e.op == "dropDatabase" || e.op == "invalidate" || slices.Contains(ours, e.collection) || slices.Contains(ours, e.to) {
			b.broken = fmt.Sprintf("%s of %s", e.op, cmp.Or(e.collection, "the database"))
			if e.to != "" {
				b.broken += " to " + e.to
			}
		}
		return nil // not a change of a contact: the next change's token passes it
	}
	var err error
	if id, ok := e.key.ObjectIDOK(); ok && s.fetch != nil && e.collection == contacts && e.op != "delete" {
		if e.after, err = s.fetch(id); err != nil {
			return fmt.Errorf("fetch contact %s: %w", id.Hex(), err)
		}
	}
	b.token = e.token
	position := number(s.last, e.time)
	s.last = position
	if e.collection == heartbeats {
		b.beat = max(b.beat, beatOf(e))
		b.changes = append(b.changes, grapevine.Change{Op: grapevine.Heartbeat, Position: position, At: e.wall, SeenAt: b.seen})
		return nil
	}
	change, err := e.decode(position, s.decode)
	if err != nil {
		b.dead = append(b.dead, deadLetter{Position: position, Reason: err.Error(), Operation: e.op, Key: e.key, At: e.wall})
		change = resync(change, "a change could not be decoded: "+err.Error())
	}
	change.SeenAt = b.seen
	b.changes = append(b.changes, change)
	return nil
}

// number gives the events of one cluster time their n, counting on from the last one numbered.
func number(last grapevine.Position, t bson.Timestamp) grapevine.Position {
	p := grapevine.At(t.T, t.I, 0)
	if p.Time == last.Time {
		p.N = last.N + 1
	}
	return p
}
