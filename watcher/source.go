package watcher

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// ErrForeign says that no waiting makes this Redis ours.
var ErrForeign = errors.New("this Redis belongs to another running Grapevine")

// CheckSource is [ErrForeign] where the instance that holds the lease follows another database. The two
// would take each other's place, and each show the other's lists out of the cache they share. With nobody
// at work another database's checkpoint is no more than a gap. Until there is a checkpoint it is an error
// of another kind: ask again.
func (w *Watcher) CheckSource(ctx context.Context) error {
	ours, err := replicaSetID(ctx, w.DB)
	if err != nil {
		return fmt.Errorf("ask which replica set this is: %w", err)
	}
	cp, err := w.checkpoints.load(ctx)
	switch {
	case errors.Is(err, errUndecodable):
		return nil // a gap as well
	case err != nil:
		return err
	case cp == nil:
		return errors.New("there is no checkpoint yet: nobody has followed MongoDB")
	case cp.of(ours, w.DB.Name()):
		return nil
	}
	switch err := w.Redis.Get(ctx, w.checkpoints.leaseKey).Err(); {
	case errors.Is(err, redis.Nil):
		return nil
	case err != nil:
		return fmt.Errorf("ask who holds the lease: %w", err)
	}
	return fmt.Errorf("%w: it follows database %s of replica set %s, this one %s of %s; give each a Redis database of its own, such as redis://host/1",
		ErrForeign, cp.Database, cp.ReplicaSet, w.DB.Name(), ours)
}
