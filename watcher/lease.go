package watcher

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine/internal/redisx"
)

// Times of the lease. After a crash of the holder, a standby takes over within leaseTTL + leasePoll.
const (
	leaseTTL   = 10 * time.Second
	leaseRenew = 3 * time.Second
	leasePoll  = time.Second
)

// lease is the right to be the instance that works. It prevents double work. Correctness comes from the
// nonce, which every fenced script compares for equality: a counter could run backwards after a failover.
type lease struct {
	rdb        *redis.Client
	key        string
	replicaSet string    // that the holder follows
	nonce      string    // see newNonce; each session has a new one
	expires    time.Time // when the lease ends unless it is renewed, by a clock read before the call
	log        *slog.Logger
}

// newNonce is "<instance>/<replica set>/<random>".
func newNonce(instance, replicaSet string) string {
	return instance + "/" + replicaSet + "/" + rand.Text()
}

// parseNonce returns the parts of a nonce that say who holds the lease.
func parseNonce(nonce string) (instance, replicaSet string, ok bool) {
	parts := strings.Split(nonce, "/")
	if len(parts) != 3 {
		return "", "", false
	}
	return parts[0], parts[1], true
}

// Only the holder of the nonce renews and releases. Acquiring a lease that one already holds succeeds,
// because the reply to a first try may have been lost. A value that never expires is no lease: somebody
// wrote it by hand.
var (
	acquireScript = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and redis.call('PTTL', KEYS[1]) >= 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)
	renewScript   = redis.NewScript(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)
	releaseScript = redis.NewScript(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])`)
)

func newLease(rdb *redis.Client, key, instance, replicaSet string, log *slog.Logger) *lease {
	return &lease{rdb: rdb, key: key, replicaSet: replicaSet, nonce: newNonce(instance, replicaSet), log: log}
}

// acquire tries once. ok is false if another instance holds the lease.
func (l *lease) acquire(ctx context.Context) (ok bool, err error) {
	ok, err = l.extend(ctx, acquireScript)
	if err != nil {
		return false, fmt.Errorf("acquire the lease: %w", err)
	}
	return ok, nil
}

// extend runs a script that sets the lease to expire after leaseTTL, and reports whether it did.
func (l *lease) extend(ctx context.Context, script *redis.Script) (bool, error) {
	before := time.Now()
	ctx, cancel := context.WithTimeout(ctx, leaseRenew)
	defer cancel()
	n, err := script.Run(ctx, l.rdb, []string{l.key}, l.nonce, leaseTTL.Milliseconds()).Int()
	if err != nil || n == 0 {
		return false, redisx.NameKeys(err, l.key)
	}
	l.expires = before.Add(leaseTTL)
	return true, nil
}

// keep renews the lease until ctx is done, which is no error, or the lease is lost, which is one.
func (l *lease) keep(ctx context.Context) error {
	ticker := time.NewTicker(leaseRenew)
	defer ticker.Stop()
	// A time.Time carries Go's monotonic reading, so a step of the wall clock changes nothing here.
	expiry := time.NewTimer(time.Until(l.expires))
	defer expiry.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-expiry.C:
			return fmt.Errorf("the lease was not renewed for %s", leaseTTL)
		case <-ticker.C:
		}
		renewed, err := l.extend(ctx, renewScript)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			l.log.Warn("cannot renew the lease, will retry until it expires", "err", err, "left", time.Until(l.expires).Round(time.Second))
		case !renewed:
			return errors.New("another instance took the lease, or Redis lost it")
		default:
			expiry.Reset(time.Until(l.expires))
		}
	}
}

// release lets a standby take over at once. It has a context of its own, because it runs while everything
// else ends.
func (l *lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := releaseScript.Run(ctx, l.rdb, []string{l.key}, l.nonce).Err(); err != nil {
		l.log.Warn("cannot release the lease, a standby takes over when it expires", "after", leaseTTL, "err", redisx.NameKeys(err, l.key))
	}
}
