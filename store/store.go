// Package store is the only one that writes contacts, and it writes only MongoDB: the cache, the live
// screens and the jobs follow from the change stream.
//
// Reads go to the primary with majority read concern, so that nothing that could still be rolled back
// is ever shown or cached. Writes are acknowledged by a majority, journaled.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
)

// Collection is the name of the collection of contacts.
const Collection = "contacts"

// Config is what a [Store] may be told. The zero value works.
type Config struct {
	// Clock is fed with the cluster time of every reply of MongoDB. Nil: one of the store's own.
	Clock *grapevine.Clock
	// Timeout bounds one call, whatever MongoDB does. Zero: 5 s.
	Timeout time.Duration
}

// Store reads and writes contacts. It is safe for concurrent use.
type Store struct {
	db       *mongo.Database
	contacts *mongo.Collection
	clock    *grapevine.Clock
	timeout  time.Duration

	// Tests set these.
	gatherAtMost int
	walkFor      time.Duration
	tagsAtMost   int
}

// New makes a store on a database. [Store.Prepare] must have run once on it, by this process or another.
func New(db *mongo.Database, cfg Config) *Store {
	if cfg.Clock == nil {
		cfg.Clock = &grapevine.Clock{}
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 5 * time.Second
	}
	return &Store{
		db: db,
		contacts: db.Collection(Collection, options.Collection().
			SetWriteConcern(durable()).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary())),
		clock:   cfg.Clock,
		timeout: cfg.Timeout,

		gatherAtMost: gatherAtMost,
		walkFor:      walkFor,
		tagsAtMost:   maxGroups,
	}
}

// durable acknowledges what survives a failover: less could be rolled back after it was read, and no
// event would ever say so.
func durable() *writeconcern.WriteConcern {
	journaled := true
	return &writeconcern.WriteConcern{W: "majority", Journal: &journaled}
}

// Ping is the operationTime of a ping: a point at or after everything MongoDB had acknowledged before.
func (s *Store) Ping(ctx context.Context) (at grapevine.Position, err error) {
	err = s.call(ctx, "ping", func(ctx context.Context) error {
		at, err = s.ping(ctx)
		return err
	})
	return at, err
}

func (s *Store) ping(ctx context.Context) (at grapevine.Position, err error) {
	return s.within(ctx, func(ctx context.Context) error {
		return s.db.RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err()
	})
}

// within runs do in a session of its own and tells the position after it.
func (s *Store) within(ctx context.Context, do func(context.Context) error) (at grapevine.Position, err error) {
	session, err := s.db.Client().StartSession()
	if err != nil {
		return at, err
	}
	defer session.EndSession(ctx)
	if err := do(mongo.NewSessionContext(ctx, session)); err != nil {
		return at, err
	}
	return s.position(session)
}

// call bounds one public call and turns its error into one the edges understand.
func (s *Store) call(ctx context.Context, verb string, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return publicError(ctx, verb, do(bounded))
}

// position is the session's operationTime. It also tells the clock what the replies told the session,
// so that the store keeps time where no monitor does.
func (s *Store) position(session *mongo.Session) (grapevine.Position, error) {
	s.observe(session)
	t := session.OperationTime()
	if t == nil {
		return grapevine.Position{}, errors.New("the reply has no operationTime: MongoDB is not a replica set")
	}
	return grapevine.At(t.T, t.I, 0), nil
}

func (s *Store) observe(session *mongo.Session) {
	if t, i, ok := session.ClusterTime().Lookup("$clusterTime", "clusterTime").TimestampOK(); ok {
		s.clock.Observe(t, i)
	}
}

// causal is the time a read that must show `after` waits for, nil for any. A position of the future is
// clamped to the newest cluster time there is: MongoDB would refuse it (error 72), and nothing that
// has happened lies there.
func (s *Store) causal(ctx context.Context, after grapevine.Position) (*bson.Timestamp, error) {
	if after.Time == 0 {
		return nil, nil
	}
	if newest := s.clock.Newest(); newest.Time < after.Time {
		if _, err := s.ping(ctx); err != nil {
			return nil, err
		}
		if newest = s.clock.Newest(); newest.Time < after.Time {
			after = newest
		}
	}
	return &bson.Timestamp{T: after.T(), I: after.I()}, nil
}

// read runs a command that answers with a cursor and returns every document of it. It carries what
// every read must: majority, the causal time, and a bound on the server too, so that a query nobody
// waits for any more does not go on. A failure that the next primary may not have is tried once more;
// the driver does not retry plain commands.
func (s *Store) read(ctx context.Context, at *bson.Timestamp, command bson.D) ([]bson.Raw, error) {
	docs, err := s.readOnce(ctx, at, command)
	if err != nil && passing(err) && ctx.Err() == nil {
		docs, err = s.readOnce(ctx, at, command)
	}
	return docs, err
}

func (s *Store) readOnce(ctx context.Context, at *bson.Timestamp, command bson.D) ([]bson.Raw, error) {
	concern := bson.D{{Key: "level", Value: "majority"}}
	if at != nil {
		concern = append(concern, bson.E{Key: "afterClusterTime", Value: *at})
	}
	command = append(command[:len(command):len(command)], bson.E{Key: "readConcern", Value: concern})
	cursor, err := s.db.RunCommandCursor(ctx, command)
	if err != nil {
		return nil, err
	}
	defer func() { _ = cursor.Close(ctx) }()
	var docs []bson.Raw
	for cursor.Next(ctx) {
		docs = append(docs, append(bson.Raw(nil), cursor.Current...)) // the batch's memory is reused
	}
	return docs, cursor.Err()
}

// find runs a find command on the contacts.
func (s *Store) find(ctx context.Context, at *bson.Timestamp, filter bson.D, options ...bson.E) ([]bson.Raw, error) {
	return s.read(ctx, at, append(bson.D{{Key: "find", Value: Collection}, {Key: "filter", Value: filter}}, options...))
}

// aggregate runs a pipeline on the contacts.
func (s *Store) aggregate(ctx context.Context, at *bson.Timestamp, pipeline bson.A, options ...bson.E) ([]bson.Raw, error) {
	return s.read(ctx, at, append(bson.D{
		{Key: "aggregate", Value: Collection},
		{Key: "pipeline", Value: pipeline},
		{Key: "cursor", Value: bson.D{}},
	}, options...))
}

// Get is one contact of a workspace, as it is at or after a position.
func (s *Store) Get(ctx context.Context, workspace, id string, after grapevine.Position) (c grapevine.Contact, err error) {
	oid, err := objectID(id)
	if err != nil {
		return c, err
	}
	err = s.call(ctx, "get a contact", func(ctx context.Context) error {
		at, err := s.causal(ctx, after)
		if err != nil {
			return err
		}
		docs, err := s.find(ctx, at, bson.D{{Key: "_id", Value: oid}, {Key: "workspace", Value: workspace}}, bson.E{Key: "limit", Value: 1})
		if err != nil {
			return err
		}
		if len(docs) == 0 {
			return notFound(id)
		}
		c, err = Decode(docs[0])
		return err
	})
	return c, err
}

func objectID(id string) (bson.ObjectID, error) {
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil || !grapevine.ValidID(id) {
		return oid, &grapevine.Error{Code: grapevine.BadRequest, Message: fmt.Sprintf("%.40q is not a contact id: 24 lower-case hex digits", id)}
	}
	return oid, nil
}

func notFound(id string) error {
	return &grapevine.Error{Code: grapevine.NotFound, Message: "there is no contact " + id + " in this workspace"}
}
