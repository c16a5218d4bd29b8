package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"grapevine"
	"grapevine/internal/retry"
)

// Wait between two tries of a write that met another writer.
const (
	minConflictWait = 2 * time.Millisecond
	maxConflictWait = 64 * time.Millisecond
)

// abortTimeout limits the wait for a MongoDB that hangs. MongoDB then ends the transaction after its own time limit.
const abortTimeout = 500 * time.Millisecond

// Labels of the driver's errors that say how to continue.
const (
	labelTransientTransaction = "TransientTransactionError"
	labelUnknownCommit        = "UnknownTransactionCommitResult"
	labelRetryableWrite       = "RetryableWriteError"
)

// transact runs do in a transaction and commits it. It starts again after a conflict with another writer,
// until ctx ends. The driver's WithTransaction commits, aborts and waits without the caller's deadline, so a
// call would hang with MongoDB.
func (s *Store) transact(ctx context.Context, do func(context.Context) error) (at grapevine.Position, err error) {
	session, err := s.db.Client().StartSession(options.Session().SetDefaultTransactionOptions(
		options.Transaction().SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()).SetWriteConcern(majorityJournaled())))
	if err != nil {
		return at, err
	}
	defer session.EndSession(ctx)
	sessionCtx := mongo.NewSessionContext(ctx, session)
	backoff := retry.Backoff{First: minConflictWait, Max: maxConflictWait}
	for {
		if err := session.StartTransaction(); err != nil {
			return at, err
		}
		if err = do(sessionCtx); err == nil {
			err = commit(sessionCtx, session)
		} else {
			abort(ctx, session)
		}
		if err == nil {
			return s.operationPosition(session)
		}
		if !hasLabel(err, labelTransientTransaction) || ctx.Err() != nil {
			return at, err
		}
		if err := retry.Sleep(ctx, backoff.Next()); err != nil {
			return at, err
		}
	}
}

// commit tries again if the reply was lost. MongoDB does not apply a commit twice.
func commit(ctx context.Context, session *mongo.Session) error {
	backoff := retry.Backoff{First: minConflictWait, Max: maxConflictWait}
	for {
		err := session.CommitTransaction(ctx)
		if err == nil || ctx.Err() != nil || !hasLabel(err, labelUnknownCommit) {
			return err
		}
		if retry.Sleep(ctx, backoff.Next()) != nil {
			return err
		}
	}
}

// abort releases the locks of the transaction, also after ctx has ended.
func abort(ctx context.Context, session *mongo.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer cancel()
	_ = session.AbortTransaction(mongo.NewSessionContext(ctx, session))
}
