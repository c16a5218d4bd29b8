// Package store is the only code that writes contacts, and it writes only MongoDB: cache, live screens and
// jobs follow from the change stream.
//
// Reads go to the primary with majority read concern, so the store never returns a value that could be rolled
// back. Writes are acknowledged by a majority and journaled.
package store

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
	"grapevine/internal/mongox"
)

// DefaultTimeout is used where [Config.Timeout] is zero.
const DefaultTimeout = 5 * time.Second

// A call with many contacts may take bulkFactor times the timeout of a normal call.
const bulkFactor = 6

// Config configures a [Store]. The zero value works.
type Config struct {
	// Clock observes the cluster time of every reply from MongoDB. nil: the store uses its own clock.
	Clock *grapevine.Clock
	// Timeout limits each call. Zero: DefaultTimeout.
	Timeout time.Duration
	Logger  *slog.Logger // nil: no log
}

// Store reads and writes contacts. It is safe for concurrent use.
type Store struct {
	db       *mongo.Database
	contacts *mongo.Collection
	clock    *grapevine.Clock
	timeout  time.Duration
	log      *slog.Logger

	indexes   *mongox.Indexes
	validator atomic.Pointer[mongox.Problem] // nil: it is in force
	forming   atomic.Bool                    // see [Store.IsForming]

	counts counts

	// Tests set these.
	gatherAtMost   int
	workFor        time.Duration
	firstChunk     int
	maxIndexedTags int
	exportWindow   int
}

// New returns a store on a database. [Store.Prepare] must have run on it once, in any process.
func New(db *mongo.Database, cfg Config) *Store {
	if cfg.Clock == nil {
		cfg.Clock = &grapevine.Clock{}
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	contacts := db.Collection(grapevine.CollectionContacts, options.Collection().
		SetWriteConcern(majorityJournaled()).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()))
	return &Store{
		db:       db,
		contacts: contacts,
		clock:    cfg.Clock,
		timeout:  cfg.Timeout,
		log:      cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler)),
		indexes:  mongox.NewIndexes(contacts, indexes(), droppedIndexes...),

		gatherAtMost:   gatherAtMost,
		workFor:        workFor,
		firstChunk:     firstChunk,
		maxIndexedTags: maxGroups,
		exportWindow:   exportWindow,
	}
}

// majorityJournaled acknowledges only writes that survive a failover. A write with a weaker concern could be
// read and then rolled back, and no event would report that.
func majorityJournaled() *writeconcern.WriteConcern {
	journaled := true
	return &writeconcern.WriteConcern{W: "majority", Journal: &journaled}
}

// Ping returns the operationTime of a ping. It is at or after every write that was acknowledged before.
func (s *Store) Ping(ctx context.Context) (at grapevine.Position, err error) {
	err = s.withTimeout(ctx, s.timeout, "ping", func(ctx context.Context) error {
		at, err = s.ping(ctx)
		return err
	})
	return at, err
}

func (s *Store) ping(ctx context.Context) (at grapevine.Position, err error) {
	return s.inSession(ctx, func(ctx context.Context) error {
		return s.db.RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err()
	})
}

// withTimeout runs one call with a time limit and makes its error public. verb begins the error's text.
func (s *Store) withTimeout(ctx context.Context, timeout time.Duration, verb string, do func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return publicError(ctx, verb, do(limited))
}

// inSession runs do in its own session and returns the position after it.
func (s *Store) inSession(ctx context.Context, do func(context.Context) error) (at grapevine.Position, err error) {
	session, err := s.db.Client().StartSession()
	if err != nil {
		return at, err
	}
	defer session.EndSession(ctx)
	if err := do(mongo.NewSessionContext(ctx, session)); err != nil {
		return at, err
	}
	return s.operationPosition(session)
}

// operationPosition is the session's operationTime. It also passes the session's cluster time to the clock, so that
// the clock runs without a command monitor too.
func (s *Store) operationPosition(session *mongo.Session) (grapevine.Position, error) {
	if t, i, ok := session.ClusterTime().Lookup("$clusterTime", "clusterTime").TimestampOK(); ok {
		s.clock.Observe(t, i)
	}
	t := session.OperationTime()
	if t == nil {
		return grapevine.Position{}, errors.New("the reply has no operationTime: MongoDB is not a replica set")
	}
	return grapevine.NewPosition(t.T, t.I, 0), nil
}

// causal returns the afterClusterTime of a read that must show the state at `after`; nil for any state.
func (s *Store) causal(ctx context.Context, after grapevine.Position) (*bson.Timestamp, error) {
	if after.Time == 0 {
		return nil, nil
	}
	after, err := s.clock.Clamp(ctx, after, s.ping)
	if err != nil {
		return nil, err
	}
	return &bson.Timestamp{T: after.T(), I: after.I()}, nil
}

// read runs a command that answers with a cursor and returns all its documents, with majority read concern
// and the causal time. The driver sends ctx's deadline along, so MongoDB ends a query when its caller
// stops waiting. The driver does not retry plain commands, so read tries again once after a transient error.
func (s *Store) read(ctx context.Context, at *bson.Timestamp, command bson.D) ([]bson.Raw, error) {
	docs, _, err := s.readUpTo(ctx, at, math.MaxInt, command)
	return docs, err
}

// readUpTo is [Store.read] that stops after a number of bytes. It returns at least one document if there is one, and
// whether there are more.
func (s *Store) readUpTo(ctx context.Context, at *bson.Timestamp, limit int, command bson.D) (docs []bson.Raw, more bool, err error) {
	command, hint := s.resolveHint(command)
	docs, more, err = s.readOnce(ctx, at, limit, command)
	if err != nil && transient(err) && ctx.Err() == nil {
		docs, more, err = s.readOnce(ctx, at, limit, command)
	}
	if !indexMissing(err) {
		return docs, more, err
	}
	if without, ok := withoutHint(command); ok && (command[0].Key != "find" || s.canSort(ctx)) {
		return s.readOnce(ctx, at, limit, without)
	}
	return nil, false, s.missingIndex(hint)
}

// withoutHint makes a command slower, so that it needs no index. ok is false if the command cannot do without.
func withoutHint(command bson.D) (without bson.D, ok bool) {
	for _, option := range command {
		switch option.Key {
		case "min", "max", "returnKey":
			return nil, false
		case "hint":
			ok = true
		default:
			without = append(without, option)
		}
	}
	return append(without, bson.E{Key: "allowDiskUse", Value: true}), ok
}

// resolveHint replaces the hint with the name of the index that serves as this one, and returns the original.
func (s *Store) resolveHint(command bson.D) (resolved bson.D, hint string) {
	resolved = slices.Clone(command)
	for i, option := range command {
		if option.Key == "hint" {
			hint, _ = option.Value.(string)
			resolved[i].Value = s.indexes.NameOf(hint)
		}
	}
	return resolved, hint
}

// missingIndex is the error of a query whose index is not there: it names the reason, if one is known. Without a hint
// the query is a search.
func (s *Store) missingIndex(hint string) error {
	problem, known := s.indexes.Problem(cmp.Or(hint, inText))
	if !known {
		problem.Message = "An index of the contacts is missing or is being built. The part collections of /readyz says more"
	}
	return &grapevine.Error{Code: grapevine.Unavailable, Message: problem.Message, RetryAfter: time.Second, Cause: errNoIndex}
}

// errNoIndex is the cause of the error of a query whose index is not there.
var errNoIndex = errors.New("the index is missing")

func (s *Store) readOnce(ctx context.Context, at *bson.Timestamp, limit int, command bson.D) (docs []bson.Raw, more bool, err error) {
	concern := bson.D{{Key: "level", Value: "majority"}}
	if at != nil {
		concern = append(concern, bson.E{Key: "afterClusterTime", Value: *at})
	}
	command = append(command[:len(command):len(command)], bson.E{Key: "readConcern", Value: concern})
	cursor, err := s.db.RunCommandCursor(ctx, command)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = cursor.Close(ctx) }()
	for n := 0; cursor.Next(ctx); n += len(cursor.Current) {
		if n >= limit {
			return docs, true, nil
		}
		docs = append(docs, append(bson.Raw(nil), cursor.Current...)) // the driver reuses the batch's memory
	}
	return docs, false, cursor.Err()
}

// find runs a find command on the contacts.
func (s *Store) find(ctx context.Context, at *bson.Timestamp, filter bson.D, options ...bson.E) ([]bson.Raw, error) {
	return s.read(ctx, at, findCommand(filter, options...))
}

func findCommand(filter bson.D, options ...bson.E) bson.D {
	return append(bson.D{{Key: "find", Value: grapevine.CollectionContacts}, {Key: "filter", Value: filter}}, options...)
}

// aggregate runs a pipeline on the contacts.
func (s *Store) aggregate(ctx context.Context, at *bson.Timestamp, pipeline bson.A, options ...bson.E) ([]bson.Raw, error) {
	return s.read(ctx, at, aggregateCommand(pipeline, options...))
}

func aggregateCommand(pipeline bson.A, options ...bson.E) bson.D {
	return append(bson.D{
		{Key: "aggregate", Value: grapevine.CollectionContacts},
		{Key: "pipeline", Value: pipeline},
		{Key: "cursor", Value: bson.D{}},
	}, options...)
}
