package watcher

import (
	"context"
	"errors"
	"fmt"
)

// ErrRedisInUse says that waiting does not help: the instance needs another Redis.
var ErrRedisInUse = errors.New("this Redis belongs to another running Grapevine")

// VerifyRedis returns [ErrRedisInUse] if a running watcher uses this Redis for a database of the same name in
// another replica set: the two would run each other's jobs and show each other's cached lists. After any other error
// the caller has to wait and ask again. One such error is a checkpoint of another replica set whose watcher no longer
// runs; a reconcile of our watcher replaces it.
func (w *Watcher) VerifyRedis(ctx context.Context) error {
	replicaSet, err := replicaSetID(ctx, w.DB)
	if err != nil {
		return err
	}
	nonce, err := readLease(ctx, w.Redis, w.Prefix)
	if err != nil {
		return err
	}
	holder, followed, held := parseNonce(nonce)
	if held && followed != replicaSet {
		return fmt.Errorf("%w: %s follows database %s of replica set %s, this instance that of %s; give each a Redis database of its own, such as redis://host/1",
			ErrRedisInUse, holder, w.DB.Name(), followed, replicaSet)
	}
	cp, err := w.checkpoints.load(ctx)
	switch {
	case err != nil:
		return err
	case cp == nil && !held:
		return errors.New("there is no checkpoint yet, because no watcher has run")
	case cp != nil && cp.ReplicaSet != replicaSet:
		return fmt.Errorf("the checkpoint is of replica set %s, this is %s; a watcher has to reconcile first", cp.ReplicaSet, replicaSet)
	}
	return nil
}
