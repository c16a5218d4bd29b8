package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine/internal/mongox"
)

// abortTimeout bounds the end of a transaction that failed, also after the context of its call has ended. MongoDB would
// keep it open for a minute, and all writers of its contacts waiting.
const abortTimeout = time.Second

// Codes of a transaction that met another one, or a change of the collection, and can be tried again at once.
var conflictCodes = []int{
	24,  // LockTimeout
	112, // WriteConflict
	246, // SnapshotUnavailable
	251, // NoSuchTransaction: MongoDB or an administrator ended it
}

// transact runs do in a transaction of the session of ctx. It fails with errConflict if another writer was faster. do must
// be short, and call nothing but MongoDB: until it ends, other writers of the same contacts wait.
func transact(ctx context.Context, do func(context.Context) error) error {
	err := transactOnce(ctx, do)
	if hasLabel(err, labelTransientTransaction) && !mongox.HasCode(err, conflictCodes...) && ctx.Err() == nil {
		err = transactOnce(ctx, do) // the connection broke, or the primary changed, as for the writes that the driver repeats
	}
	if hasLabel(err, labelTransientTransaction) && mongox.HasCode(err, conflictCodes...) {
		return errConflict
	}
	return err
}

func transactOnce(ctx context.Context, do func(context.Context) error) error {
	session := mongo.SessionFromContext(ctx)
	// What a transaction with a local read concern has read is committed by a majority when its commit is.
	opts := options.Transaction().SetReadConcern(readconcern.Local()).SetWriteConcern(writeconcern.Majority())
	if err := session.StartTransaction(opts); err != nil {
		return err
	}
	err := do(ctx)
	if err == nil {
		err = session.CommitTransaction(ctx)
	}
	if err != nil {
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
		defer cancel()
		_ = session.AbortTransaction(detached) // it fails if there is nothing to end
	}
	return err
}
