package watcher

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
)

// Times of the lease. A crashed holder is followed within leaseTTL + leasePoll.
const (
	leaseTTL   = 10 * time.Second
	leaseRenew = 3 * time.Second
	leasePoll  = time.Second
)

// lease is the right to be the one that works. It saves work; correctness is carried by the nonce,
// which every fenced script compares for equality. A counter could run backwards after a failover.
type lease struct {
	rdb   *redis.Client
	key   string
	nonce string // "<instance>/<database>/<random>", new for every holding
	log   *slog.Logger
}

// Renewing and releasing are for the holder of this nonce alone. Acquiring again what one already
// holds succeeds: the answer to the first try may have been lost. What would never expire is no lease but
// something that was written by hand.
var (
	acquireScript = redis.NewScript(`
local have = redis.pcall('GET', KEYS[1])
if type(have) == 'string' and have ~= ARGV[1] and redis.call('PTTL', KEYS[1]) >= 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)
	renewScript   = redis.NewScript(`if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)
	releaseScript = redis.NewScript(`if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])`)
)

func newLease(rdb *redis.Client, key, holder string, log *slog.Logger) *lease {
	return &lease{rdb: rdb, key: key, nonce: holder + "/" + rand.Text(), log: log}
}

// acquire tries once. held tells until when, by a clock read before the call, the lease is ours.
func (l *lease) acquire(ctx context.Context) (held time.Time, ok bool, err error) {
	before := time.Now()
	ctx, cancel := context.WithTimeout(ctx, leaseRenew)
	defer cancel()
	got, err := acquireScript.Run(ctx, l.rdb, []string{l.key}, l.nonce, leaseTTL.Milliseconds()).Int()
	if err != nil {
		return time.Time{}, false, fmt.Errorf("acquire the lease: %w", err)
	}
	return before.Add(leaseTTL), got == 1, nil
}

// keep renews until ctx is done, which is no error, or the lease is lost, which is.
func (l *lease) keep(ctx context.Context, held time.Time) error {
	ticker := time.NewTicker(leaseRenew)
	defer ticker.Stop()
	// Time carries Go's monotonic reading, so a step of the wall clock moves nothing here.
	expiry := time.NewTimer(time.Until(held))
	defer expiry.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-expiry.C:
			return fmt.Errorf("the lease was not renewed for %s", leaseTTL)
		case <-ticker.C:
		}
		before := time.Now()
		call, cancel := context.WithTimeout(ctx, leaseRenew)
		got, err := renewScript.Run(call, l.rdb, []string{l.key}, l.nonce, leaseTTL.Milliseconds()).Int()
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			l.log.Warn("lease not renewed", "err", err, "left", time.Until(held).Round(time.Second))
		case got == 0:
			return fmt.Errorf("the lease was taken over, or Redis lost it")
		default:
			held = before.Add(leaseTTL)
			expiry.Reset(time.Until(held))
		}
	}
}

// release lets a standby take over at once; it works on a context of its own, because it runs while
// everything else ends.
func (l *lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := releaseScript.Run(ctx, l.rdb, []string{l.key}, l.nonce).Err(); err != nil {
		l.log.Warn("lease not released; it expires by itself", "after", leaseTTL, "err", err)
	}
}
