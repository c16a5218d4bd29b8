package access

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine/internal/retry"
)

// Labels of the driver's errors that say how to continue.
const (
	labelTransient     = "TransientTransactionError"
	labelUnknownCommit = "UnknownTransactionCommitResult"
)

// transact runs do in a transaction, again after each conflict with another one. do gets the context of the transaction,
// sets what it returns anew each time, and returns errors of MongoDB as they are. The error is public.
//
// The driver's own loop commits without a deadline, so a MongoDB that hangs would hold its caller for good.
func (a *Access) transact(ctx context.Context, verb string, do func(context.Context) error) error {
	return call(ctx, verb, func(ctx context.Context) error {
		session, err := a.cfg.DB.Client().StartSession()
		if err != nil {
			return err
		}
		defer endSession(ctx, session)
		backoff := retry.Backoff{First: 2 * time.Millisecond, Max: 200 * time.Millisecond}
		for {
			err := transactOnce(ctx, session, do)
			if err == nil || !hasLabel(err, labelTransient) {
				return err
			}
			if waited := retry.Sleep(ctx, backoff.Next()); waited != nil {
				return errors.Join(err, waited)
			}
		}
	})
}

func transactOnce(ctx context.Context, session *mongo.Session, do func(context.Context) error) error {
	err := session.StartTransaction(options.Transaction().
		SetReadConcern(readconcern.Snapshot()).SetWriteConcern(writeconcern.Majority()).SetReadPreference(readpref.Primary()))
	if err != nil {
		return err
	}
	if err := do(mongo.NewSessionContext(ctx, session)); err != nil {
		abort(ctx, session)
		return err
	}
	for {
		err := session.CommitTransaction(ctx)
		if err == nil || !hasLabel(err, labelUnknownCommit) || ctx.Err() != nil {
			return err
		}
	}
}

func abort(ctx context.Context, session *mongo.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = session.AbortTransaction(ctx) // MongoDB ends it by itself after a minute
}

func endSession(ctx context.Context, session *mongo.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	session.EndSession(ctx)
}

func hasLabel(err error, label string) bool {
	var labeled mongo.LabeledError
	return errors.As(err, &labeled) && labeled.HasErrorLabel(label)
}
