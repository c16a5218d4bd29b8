package store

import (
	"context"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"grapevine"
)

// transact runs do in a transaction and commits it, again from the start when another writer was
// faster, until ctx ends. The driver's own WithTransaction commits, aborts and waits without the
// caller's deadline: with a mongod that hangs, a call would hang with it.
func (s *Store) transact(ctx context.Context, do func(context.Context) error) (at grapevine.Position, err error) {
	session, err := s.db.Client().StartSession(options.Session().SetDefaultTransactionOptions(
		options.Transaction().SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()).SetWriteConcern(durable())))
	if err != nil {
		return at, err
	}
	defer session.EndSession(ctx)
	sctx := mongo.NewSessionContext(ctx, session)
	for wait := time.Millisecond; ; wait = min(2*wait, 64*time.Millisecond) {
		if err := session.StartTransaction(); err != nil {
			return at, err
		}
		if err = do(sctx); err == nil {
			err = commit(sctx, session)
		} else {
			abort(ctx, session)
		}
		if err == nil {
			return s.position(session)
		}
		if !hasLabel(err, "TransientTransactionError") || ctx.Err() != nil {
			return at, err
		}
		if err := pause(ctx, wait); err != nil {
			return at, err
		}
	}
}

// commit asks again when the answer got lost: a commit that was done is not done twice.
func commit(ctx context.Context, session *mongo.Session) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 64*time.Millisecond) {
		err := session.CommitTransaction(ctx)
		if err == nil || ctx.Err() != nil || !hasLabel(err, "UnknownTransactionCommitResult") {
			return err
		}
		if pause(ctx, wait) != nil {
			return err
		}
	}
}

// abort frees what the transaction holds, also when ctx has ended; it does not wait for a mongod that
// hangs, which ends the transaction by itself.
func abort(ctx context.Context, session *mongo.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 500*time.Millisecond)
	defer cancel()
	_ = session.AbortTransaction(mongo.NewSessionContext(ctx, session))
}

// pause waits for about d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d/2 + rand.N(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
