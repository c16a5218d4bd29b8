package access

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

	"grapevine"
	"grapevine/internal/mongox"
)

// stream is an open change stream over the four collections, without lease and checkpoint: it begins now.
type stream struct {
	session *mongo.Session // tells the operation time of each answer
	cursor  *mongo.ChangeStream
	id      int64              // of the server's cursor when the stream was opened
	from    grapevine.Position // it names every change after this time
	primary bson.ObjectID      // the election of the primary that it was opened on
	timeout time.Duration      // of one call
	now     func() time.Duration
	sent    time.Duration // when the request of the last answer was sent
}

var (
	errStreamEnded   = errors.New("the change stream ended")
	errDriverResumed = errors.New("the driver has opened the change stream again after an error") // what came in between is not known
	errNoTime        = errors.New("the answer has no operationTime: MongoDB is not a replica set")
	errNoPrimary     = errors.New("the server is not the primary of a replica set")
	errNewPrimary    = errors.New("another server was elected primary") // the old one may be behind, and does not know it
)

// openStream begins after the operation time of an earlier answer. The server would begin at a time of its own choice,
// which may be after a change that a read with majority concern does not show yet.
func (a *Access) openStream(ctx context.Context) (_ *stream, err error) {
	ctx, cancel := context.WithTimeout(ctx, a.times.stream)
	defer cancel()
	s := &stream{timeout: a.times.stream, now: a.proof.now, sent: a.proof.now()}
	client := a.cfg.Stream.Client()
	if s.session, err = client.StartSession(options.Session().SetCausalConsistency(false)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close(ctx)
		}
	}()
	inSession := mongo.NewSessionContext(ctx, s.session)
	if s.primary, err = a.electionOf(inSession); err != nil {
		return nil, err
	}
	if s.from, err = s.operationTime(); err != nil {
		return nil, err
	}
	db := client.Database(a.cfg.Stream.Name(), options.Database().SetReadPreference(readpref.Primary()).SetReadConcern(readconcern.Majority()))
	s.cursor, err = db.Watch(inSession, pipeline, options.ChangeStream().
		SetMaxAwaitTime(a.times.await).
		SetStartAtOperationTime(&bson.Timestamp{T: s.from.T(), I: s.from.I() + 1}))
	if err != nil {
		return nil, err
	}
	s.id = s.cursor.ID()
	return s, nil
}

// electionOf asks the primary which election made it the primary.
func (a *Access) electionOf(ctx context.Context) (bson.ObjectID, error) {
	var hello struct {
		Primary  bool          `bson:"isWritablePrimary"`
		Election bson.ObjectID `bson:"electionId"`
	}
	command := bson.D{{Key: "hello", Value: 1}}
	if err := a.cfg.Stream.RunCommand(ctx, command, options.RunCmd().SetReadPreference(readpref.Primary())).Decode(&hello); err != nil {
		return bson.ObjectID{}, err
	}
	if !hello.Primary {
		return bson.ObjectID{}, errNoPrimary
	}
	return hello.Election, nil
}

// checkPrimary fails if the stream's server is no longer the primary. A cursor outlives that, and a server that was cut
// off from the others answers that nothing has happened.
func (a *Access) checkPrimary(ctx context.Context, s *stream) error {
	ctx, cancel := context.WithTimeout(ctx, a.times.fresh)
	defer cancel()
	election, err := a.electionOf(ctx)
	if err == nil && election != s.primary {
		err = errNewPrimary
	}
	return err
}

func (s *stream) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if s.cursor != nil {
		_ = s.cursor.Close(ctx) // the server drops an abandoned cursor by itself
	}
	s.session.EndSession(ctx)
}

// read waits a moment for an answer, and calls apply for each event in it.
func (s *stream) read(ctx context.Context, apply func(*event) error) error {
	call, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	for {
		if s.cursor.RemainingBatchLength() == 0 {
			s.sent = s.now()
		}
		found := s.cursor.TryNext(call)
		if err := s.cursor.Err(); err != nil {
			return err
		}
		if id := s.cursor.ID(); id != 0 && id != s.id {
			return errDriverResumed
		}
		if !found && s.cursor.ID() == 0 {
			return errStreamEnded
		}
		if !found {
			return nil
		}
		var e event
		if err := s.cursor.Decode(&e); err != nil {
			return fmt.Errorf("decode an event: %w", err)
		}
		if err := apply(&e); err != nil {
			return err
		}
		if s.cursor.RemainingBatchLength() == 0 {
			return nil
		}
	}
}

// reached is up to where the last answer has named all changes, and how many whole seconds that is behind the server's
// operation time.
func (s *stream) reached() (at grapevine.Position, behind time.Duration, err error) {
	data, _ := s.cursor.ResumeToken().Lookup("_data").StringValueOK()
	t, i, err := mongox.ResumeTokenTime(data)
	if err != nil {
		return at, 0, err
	}
	now, err := s.operationTime()
	if err != nil {
		return at, 0, err
	}
	at = grapevine.NewPosition(t, i, 0)
	if now.Before(at) {
		return now, 0, nil // the first token is that of the beginning, which is later than all that has happened
	}
	return at, time.Duration(now.T()-t) * time.Second, nil
}

func (s *stream) operationTime() (grapevine.Position, error) {
	t := s.session.OperationTime()
	if t == nil {
		return grapevine.Position{}, errNoTime
	}
	return grapevine.NewPosition(t.T, t.I, 0), nil
}
