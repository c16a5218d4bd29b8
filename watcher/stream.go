package watcher

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

const (
	batchSize   = 1000                   // changes applied together
	maxAwait    = 500 * time.Millisecond // how long the server waits for a change before it replies without one
	callTimeout = 5 * time.Second        // of one call: a hung mongod would otherwise block for 99 s
)

// readMode is how much a stream reads of each change.
type readMode int

const (
	readFull          readMode = iota // the documents before and after it
	readOneByOne                      // the same, but the server reads no change ahead
	readWithoutImages                 // no documents, for a change that is too large with them
)

// ownCollections are the collections that the pipeline needs besides those it follows. If one of them is
// dropped or renamed, a reconcile follows.
var ownCollections = []string{
	grapevine.CollectionHeartbeats, grapevine.CollectionLedger, grapevine.CollectionDeadLetters,
	grapevine.CollectionGaps, grapevine.CollectionControl,
}

// streams opens change streams over the collections that the watcher follows.
type streams struct {
	db           *mongo.Database
	collections  []*Collection
	contacts     *Collection
	whole, split streamPipeline
}

// streamPipeline is a pipeline of a change stream.
type streamPipeline struct {
	stages mongo.Pipeline
	hash   string // tells tokens made with this pipeline from those of another pipeline
}

func newStreamPipeline(stages ...bson.D) streamPipeline {
	text, _ := bson.MarshalExtJSON(bson.D{{Key: "pipeline", Value: stages}}, true, false)
	sum := sha256.Sum256(text)
	return streamPipeline{stages, hex.EncodeToString(sum[:8])}
}

// dropOperations are the operations that end a collection.
var dropOperations = []string{"drop", "rename", "dropDatabase", "invalidate"}

func newStreams(db *mongo.Database, collections []Collection) *streams {
	s := &streams{db: db}
	names := bson.A{}
	for i := range collections {
		s.collections = append(s.collections, &collections[i])
		names = append(names, collections[i].Name)
		if collections[i].hasOwnPositions() {
			s.contacts = &collections[i]
		}
	}
	// It matches on operation and namespace only: a match on the document would lose deletions.
	match := bson.D{{Key: "$match", Value: bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "ns.coll", Value: bson.D{{Key: "$in", Value: append(names, grapevine.CollectionHeartbeats)}}}},
		bson.D{{Key: "operationType", Value: bson.D{{Key: "$in", Value: dropOperations}}}},
	}}}}}
	s.whole, s.split = newStreamPipeline(match), newStreamPipeline(match, splitLargeEvent)
	return s
}

func (s *streams) collection(name string) *Collection {
	for _, c := range s.collections {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// isRequired reports whether a drop or rename of the collection is a reconcile.
func (s *streams) isRequired(name string) bool {
	return s.collection(name) != nil || slices.Contains(ownCollections, name)
}

// withoutImages drops the documents and the values of an update, and keeps the names of its fields.
var withoutImages = bson.D{{Key: "$project", Value: bson.D{
	{Key: "operationType", Value: 1},
	{Key: "ns", Value: 1},
	{Key: "to", Value: 1},
	{Key: "documentKey", Value: 1},
	{Key: "clusterTime", Value: 1},
	{Key: "wallTime", Value: 1},
	{Key: "updateDescription.removedFields", Value: 1},
	{Key: "updateDescription.truncatedArrays", Value: 1},
	{Key: "updateDescription.updatedFields", Value: bson.D{{Key: "$arrayToObject", Value: bson.D{{Key: "$map", Value: bson.D{
		{Key: "input", Value: bson.D{{Key: "$objectToArray", Value: "$updateDescription.updatedFields"}}},
		{Key: "in", Value: bson.D{{Key: "k", Value: "$$this.k"}, {Key: "v", Value: true}}},
	}}}}}},
}}}

// open starts a stream after a checkpoint, with the pipeline whole or split of s.
func (s *streams) open(ctx context.Context, pipeline *streamPipeline, from checkpoint, mode readMode) (*stream, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	opts := options.ChangeStream().SetBatchSize(batchSize).SetMaxAwaitTime(maxAwait)
	stages := slices.Clone(pipeline.stages)
	switch mode {
	case readWithoutImages:
		stages = slices.Insert(stages, 1, withoutImages)
	case readOneByOne:
		opts.SetBatchSize(1)
		fallthrough
	case readFull:
		opts.SetFullDocument(options.WhenAvailable).SetFullDocumentBeforeChange(options.WhenAvailable)
	}
	st := &stream{streams: s, mode: mode, pipelineHash: pipeline.hash, last: from.Position}
	if from.Token != "" && from.Pipeline == pipeline.hash {
		opts.SetStartAfter(token(from.Token))
	} else {
		// A token of another pipeline may fail later, on the first event that only one of the two matches.
		// Its time can be used: effects are idempotent, so the changes that come again do no harm.
		at := from.Position
		if from.Token == "" && !from.Inclusive {
			at.Time++
		}
		opts.SetStartAtOperationTime(&bson.Timestamp{T: at.T(), I: at.I()})
		st.last = grapevine.Position{}
	}
	var err error
	if st.cursor, err = s.db.Watch(ctx, stages, opts); err == nil {
		st.cursorID = st.cursor.ID()
	}
	return st, err
}

// stream is an open change stream.
type stream struct {
	*streams
	mode         readMode
	pipelineHash string
	cursor       *mongo.ChangeStream
	cursorID     int64              // of the server's cursor when the stream was opened
	fragments    fragments          // of an event whose last fragment is still to come
	last         grapevine.Position // of the last numbered change that was read
}

func (st *stream) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = st.cursor.Close(ctx) // the server drops an abandoned cursor by itself
}

var (
	// errStreamEnded says that a stream ended without an error, as it does when the database is dropped.
	errStreamEnded = errors.New("the change stream ended")

	// errDriverResumed says that the driver has opened the stream again after an error. It resumes after the newest
	// token of the server, which need not be that of a change. MongoDB accepts such a token after a restore to an
	// earlier time too, and the lost history would pass unseen. The token of a change must still be in the oplog.
	errDriverResumed = errors.New("the driver resumed the change stream")
)

// read waits a moment for changes and returns those that have arrived, at most limit. The batch may be empty.
// A batch that is returned together with an error is good: its changes come before the error.
func (st *stream) read(ctx context.Context, limit int) (batch, error) {
	b := batch{pipelineHash: st.pipelineHash}
	for b.size() < limit {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		found := st.cursor.TryNext(call)
		cancel()
		if !found {
			if err := st.cursor.Err(); err != nil {
				return b, err
			}
			if st.cursor.ID() == 0 {
				return b, errStreamEnded
			}
		}
		if id := st.cursor.ID(); id != 0 && id != st.cursorID {
			return b, errDriverResumed
		}
		if !found {
			return b, nil
		}
		if b.readAt.IsZero() {
			b.readAt = time.Now()
		}
		if event := st.fragments.join(st.cursor.Current); event != nil {
			if err := st.addEvent(ctx, &b, event); err != nil {
				return b, err
			}
		}
		if b.dropped != "" || st.cursor.RemainingBatchLength() == 0 {
			break
		}
	}
	return b, nil
}

// addEvent adds an event to the batch. It fails only if it cannot read the document of an event without images.
func (st *stream) addEvent(ctx context.Context, b *batch, raw bson.Raw) error {
	e := parseEvent(raw)
	if slices.Contains(dropOperations, e.Operation) {
		if e.Operation == "dropDatabase" || e.Operation == "invalidate" || st.isRequired(e.Collection) || st.isRequired(e.renamedTo) {
			b.dropped = fmt.Sprintf("%s of %s", e.Operation, cmp.Or(e.Collection, "the database"))
			if e.renamedTo != "" {
				b.dropped += " to " + e.renamedTo
			}
		}
		return nil // no change of a document: the token of the next change passes it
	}
	collection := st.collection(e.Collection)
	if collection != nil && st.mode == readWithoutImages && e.Operation != "delete" {
		var err error
		if e.After, err = st.findDocument(ctx, e.Collection, e.Key); err != nil {
			return fmt.Errorf("read the document of an oversized change: %w", err)
		}
	}
	position := grapevine.NewPosition(e.time.T, e.time.I, 0)
	if collection == nil || collection.hasOwnPositions() {
		position = nextPosition(st.last, e.time)
		st.last, b.position = position, position
	}
	b.token = e.token
	if collection == nil {
		b.heartbeat = max(b.heartbeat, heartbeatNumber(&e))
		b.add(st.contacts, grapevine.Change{Op: grapevine.Heartbeat, Position: position, At: e.Committed, SeenAt: b.readAt})
		return nil
	}
	change, err := collection.Decode(e, position)
	if err != nil {
		b.deadLetters = append(b.deadLetters, newDeadLetter(collection, position, e.Key, e.Operation, e.Committed, err.Error()))
		change = grapevine.NewResync(position, e.Committed, change.ID, "a change could not be decoded: "+err.Error())
	}
	change.SeenAt = b.readAt
	b.add(collection, change)
	return nil
}

// findDocument reads a document as it is now; nil if it is gone.
func (s *streams) findDocument(ctx context.Context, collection string, key bson.RawValue) (bson.Raw, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	raw, err := s.db.Collection(collection).FindOne(ctx, bson.D{{Key: "_id", Value: key}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	return raw, err
}

// nextPosition numbers the changes of one cluster time, counting on from the last one.
func nextPosition(last grapevine.Position, t bson.Timestamp) grapevine.Position {
	p := grapevine.NewPosition(t.T, t.I, 0)
	if p.Time == last.Time {
		p.N = last.N + 1
	}
	return p
}
