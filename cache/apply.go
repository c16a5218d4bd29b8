package cache

import (
	"context"
	"crypto/rand"
	"fmt"

	"grapevine"
)

// maxScopes is how many scopes one call of the script forgets: Redis does nothing else meanwhile,
// about a microsecond each.
const maxScopes = 1024

// Apply forgets what the changes touched: each contact, and every list of the workspaces it was and
// is in. A Resync, and a change that does not say which lists it touched, forgets everything. nil
// means that no later hit shows a value from before any of the changes; an error means that the
// batch must come again, which does no harm.
func (c *Cache) Apply(ctx context.Context, batch grapevine.Batch) error {
	changes := batch.Changes
	b := invalidation{cache: c, scopes: make(map[string]struct{}, min(len(changes)+4, maxScopes+4))}
	for i := range changes {
		if err := b.add(ctx, &changes[i]); err != nil {
			return err
		}
	}
	return b.flush(ctx)
}

// invalidation collects consecutive changes. All their scopes are forgotten at the position of the last: at that
// of an earlier one, a reader who misses could load, and keep, what a scope was between two of its changes.
type invalidation struct {
	cache  *Cache
	scopes map[string]struct{}
	at     grapevine.Position // the highest of the changes
}

func (b *invalidation) add(ctx context.Context, change *grapevine.Change) error {
	if change.Op == grapevine.Heartbeat {
		return nil
	}
	scopes, known := scopesOf(change)
	if !known {
		if err := b.flush(ctx); err != nil {
			return err
		}
		return b.cache.purge(ctx, change.Position, change.Restart)
	}
	if len(b.scopes)+len(scopes) > maxScopes {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	for _, scope := range scopes {
		b.scopes[scope] = struct{}{}
	}
	if b.at.Before(change.Position) {
		b.at = change.Position
	}
	return nil
}

func (b *invalidation) flush(ctx context.Context) error {
	if len(b.scopes) == 0 {
		return nil
	}
	keys := make([]string, 1, len(b.scopes)+1)
	keys[0] = b.cache.atKey
	for scope := range b.scopes {
		keys = append(keys, b.cache.scopeKey(scope))
	}
	if err := b.cache.forget(ctx, keys, b.at); err != nil {
		return err
	}
	clear(b.scopes)
	b.at = grapevine.Position{}
	return nil
}

// scopesOf says which scopes show the contact of a change. known is false where that cannot be told.
func scopesOf(change *grapevine.Change) (scopes []string, known bool) {
	before, after := change.Before, change.After
	if change.ID == "" || before == nil && after == nil {
		return nil, false
	}
	switch change.Op {
	case grapevine.Created, grapevine.Updated, grapevine.Deleted:
	default:
		return nil, false
	}
	scopes = append(make([]string, 0, 3), "contact:"+change.ID)
	if before != nil {
		scopes = append(scopes, "workspace:"+before.Workspace)
	}
	if after != nil && (before == nil || before.Workspace != after.Workspace) {
		scopes = append(scopes, "workspace:"+after.Workspace)
	}
	return scopes, true
}

func (c *Cache) forget(ctx context.Context, keys []string, at grapevine.Position) error {
	if err := forgetScript.Run(ctx, c.rdb, keys, at.String()).Err(); err != nil {
		return fmt.Errorf("forget %d scopes of the cache: %w", len(keys)-1, err)
	}
	c.count.forgotten.Add(uint64(len(keys) - 1))
	return nil
}

func (c *Cache) purge(ctx context.Context, at grapevine.Position, anew bool) error {
	how := "on"
	if anew {
		how = "anew"
	}
	err := purgeScript.Run(ctx, c.rdb, []string{c.atKey, c.epochKey}, at.String(), how, rand.Text()).Err()
	if err != nil {
		return fmt.Errorf("purge the cache: %w", err)
	}
	c.count.purges.Add(1)
	c.cfg.Logger.Info("cache purged", "position", at.String(), "anew", anew)
	return nil
}
