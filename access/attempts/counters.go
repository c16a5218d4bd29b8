// Package attempts counts tries to sign in: by account and by address, before the password is looked at. The counters are in
// Redis, for all instances together, and while Redis does not answer in the process.
package attempts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/edge"
	"grapevine/internal/retry"
)

// Config configures [Counters].
type Config struct {
	Redis   redis.UniversalClient // nil means that the process counts by itself
	Prefix  string                // of the keys; they begin with Prefix + grapevine.KeyAttempts
	Limits  Limits                // zero means Standard
	Timeout time.Duration         // of a call of Redis; zero means 300 ms
	Logger  *slog.Logger          // nil means no log

	now func() int64 // ms, in place of Redis's time and the process's; for tests
}

// pause is how long Redis is left alone after it did not answer.
const pause = time.Second

// Counters are the counters of one instance. Safe for concurrent use.
type Counters struct {
	cfg   Config
	local *table
	log   retry.FailureLog
	awake atomic.Int64 // see monotonic; Redis is not asked before
}

// New makes Counters. It calls no server.
func New(cfg Config) *Counters {
	if cfg.Limits == (Limits{}) {
		cfg.Limits = Standard
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, 300*time.Millisecond)
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	return &Counters{cfg: cfg, local: newTable(cfg.Limits), log: retry.FailureLog{
		Logger:    cfg.Logger,
		Failed:    "Redis does not answer, so each process counts tries to sign in by itself",
		Recovered: "Redis counts tries to sign in again",
	}}
}

// Place is one try that was counted.
type Place struct {
	counters *Counters
	keys     keys
	lane     lane
	known    bool
	local    bool
}

// keys are the keys of one try.
type keys struct{ address, pair, fresh, account, known string }

// keys names no e-mail: what Redis holds is shown to its operators.
func (c *Counters) keys(account string, address netip.Addr) keys {
	sum := sha256.Sum256([]byte(account))
	id, network := hex.EncodeToString(sum[:16]), edge.Network(address.Unmap()).String()
	key := func(parts ...string) string {
		return c.cfg.Prefix + grapevine.KeyAttempts + strings.Join(parts, ":")
	}
	return keys{
		address: key("address", network), pair: key("pair", id, network),
		fresh: key("new", id), account: key("account", id), known: key("known", id),
	}
}

// Take counts a try of a stranger at an account, which need not exist, or returns TooMany.
func (c *Counters) Take(ctx context.Context, account string, address netip.Addr) (*Place, error) {
	k := c.keys(account, address)
	in, wait, err := c.takeShared(ctx, k)
	local := err != nil
	if local {
		in, wait = c.local.take(k, c.now())
	}
	if in == refused {
		return nil, tooMany(wait)
	}
	return &Place{counters: c, keys: k, lane: in, local: local}, nil
}

// TakeKnown counts a try at an account from a browser that signed in there before, or returns TooMany. Strangers have no
// effect on its counter.
func (c *Counters) TakeKnown(ctx context.Context, account string) (*Place, error) {
	k := c.keys(account, netip.Addr{})
	wait, err := c.knownShared(ctx, k, 1)
	local := err != nil
	if local {
		wait = c.local.known(k.known, c.now(), 1)
	}
	if wait > 0 {
		return nil, tooMany(wait)
	}
	return &Place{counters: c, keys: k, known: true, local: local}, nil
}

func tooMany(ms int64) error {
	wait := time.Duration(ms) * time.Millisecond
	return &grapevine.Error{
		Code:       grapevine.TooMany,
		Message:    "There were too many tries to sign in. Wait " + (wait + time.Second - 1).Truncate(time.Second).String() + ", then try again.",
		RetryAfter: wait,
	}
}

// IsFirst reports whether the address has not tried this account within the hour, and no other one just now.
func (p *Place) IsFirst() bool { return p.lane == firstLane }

// GiveBack takes the try back, because it was no wrong password.
func (p *Place) GiveBack(ctx context.Context) { p.giveBack(ctx, 0) }

// KeepTurn takes the try back, because nobody could look at its password yet. The address has its turn after a while, and no earlier: who
// asks all the time must not be faster than who waits as he was told.
func (p *Place) KeepTurn(ctx context.Context, after time.Duration) {
	p.giveBack(ctx, max(1, after.Milliseconds()))
}

func (p *Place) giveBack(ctx context.Context, turn int64) {
	c := p.counters
	switch {
	case p.local && p.known:
		c.local.known(p.keys.known, c.now(), -1)
	case p.local:
		c.local.giveBack(p.keys, p.lane, c.now(), turn)
	case p.known:
		_, _ = c.knownShared(ctx, p.keys, -1) // a try too many in a counter is harmless
	default:
		_ = c.giveBackShared(ctx, p.keys, p.lane, turn)
	}
}

func (c *Counters) now() int64 {
	if c.cfg.now != nil {
		return c.cfg.now()
	}
	return monotonic()
}

var processStart = time.Now()

// monotonic is a time in milliseconds that a step of the wall clock does not change.
func monotonic() int64 { return time.Since(processStart).Milliseconds() }
