package watcher

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrRedisInUse says that no waiting makes this Redis ours.
var ErrRedisInUse = errors.New("this Redis belongs to another running Grapevine")

// VerifyRedis is [ErrRedisInUse] where the holder of the lease follows another database. The two would take
// each other's place, run each other's jobs, and show each other's lists out of the cache they share. With
// nobody at work another database's checkpoint is no more than a gap. Until there is a checkpoint of ours,
// or somebody who makes the first, it is an error of another kind: ask again.
func (w *Watcher) VerifyRedis(ctx context.Context) error {
	lease, err := readLease(ctx, w.Redis, w.Prefix)
	if err != nil {
		return err
	}
	parts := strings.Split(lease, "/")
	if len(parts) == 3 && parts[1] != w.DB.Name() {
		return fmt.Errorf("%w: %s follows database %s, this one %s; give each a Redis database of its own, such as redis://host/1",
			ErrRedisInUse, parts[0], parts[1], w.DB.Name())
	}
	replicaSet, err := replicaSetID(ctx, w.DB)
	if err != nil {
		return fmt.Errorf("ask which replica set this is: %w", err)
	}
	cp, err := w.checkpoints.load(ctx)
	switch {
	case err != nil:
		return err
	case cp == nil && len(parts) < 3:
		return errors.New("there is no checkpoint yet: nobody has followed MongoDB")
	case cp == nil: // whoever is making the first one follows our database
	case !cp.of(replicaSet, w.DB.Name()):
		return fmt.Errorf("the checkpoint is still of database %s of replica set %s, this is %s of %s", cp.Database, cp.ReplicaSet, w.DB.Name(), replicaSet)
	}
	return nil
}
