package app

import (
	"context"
	"fmt"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/access"
)

// newAccess makes the part that knows who may do what. It is nil with AUTH=off.
func (a *App) newAccess(db, streamDB *mongo.Database, log *slog.Logger) *access.Access {
	if !a.config.IsOn() {
		return nil
	}
	return access.New(access.Config{
		DB: db, Stream: streamDB, Redis: a.redisCache, Prefix: a.config.KeyPrefix(), Clock: a.clock, Registerer: a.registry, Logger: log,
	})
}

// prepareAccess creates or repairs the collections of rights.
func (a *App) prepareAccess(ctx context.Context) error {
	if a.access == nil {
		return nil
	}
	return a.access.Prepare(ctx)
}

// prepareAccessOf is the part of `grapevine prepare`. It does not depend on AUTH, so that sign-in can be switched on later.
func prepareAccessOf(ctx context.Context, db *mongo.Database) error {
	if err := access.New(access.Config{DB: db, Clock: &grapevine.Clock{}}).Prepare(ctx); err != nil {
		return fmt.Errorf("prepare sign-in: %w", err)
	}
	return nil
}
