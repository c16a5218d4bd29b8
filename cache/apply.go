package cache

import (
	"context"
	"crypto/rand"
	"fmt"

	"grapevine"
	"grapevine/internal/redisx"
)

// maxScopes is the number of scopes that one script invalidates. Redis does nothing else meanwhile, for about
// a microsecond per scope.
const maxScopes = 1024

// Apply invalidates what the changes touched: each contact, and every list of the workspaces that it was and
// is in. A change that is not usable, such as a Resync, invalidates everything. If Apply returns nil, no later hit
// shows a value that is older than one of the changes. After an error the caller has to apply the batch again, which
// does no harm.
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

// invalidation collects the scopes of consecutive changes. All of them are invalidated at the last position.
// With an earlier one, a reader could cache a value from between two changes of the same scope.
type invalidation struct {
	cache    *Cache
	scopes   map[string]struct{}
	position grapevine.Position // the highest of the changes
}

func (b *invalidation) add(ctx context.Context, change *grapevine.Change) error {
	if change.Op == grapevine.Heartbeat {
		return nil
	}
	if !change.IsComplete() {
		if err := b.flush(ctx); err != nil {
			return err
		}
		return b.cache.invalidateAll(ctx, change.Position, change.Restart)
	}
	workspaces := change.Workspaces()
	if len(b.scopes)+1+len(workspaces) > maxScopes {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	b.scopes[grapevine.ContactScope(change.ID)] = struct{}{}
	for _, workspace := range workspaces {
		b.scopes[grapevine.WorkspaceScope(workspace)] = struct{}{}
	}
	if b.position.Before(change.Position) {
		b.position = change.Position
	}
	return nil
}

func (b *invalidation) flush(ctx context.Context) error {
	if len(b.scopes) == 0 {
		return nil
	}
	keys := make([]string, 1, len(b.scopes)+1)
	keys[0] = b.cache.positionKey
	for scope := range b.scopes {
		keys = append(keys, b.cache.scopeKey(scope))
	}
	if err := b.cache.invalidate(ctx, keys, b.position); err != nil {
		return err
	}
	clear(b.scopes)
	b.position = grapevine.Position{}
	return nil
}

// invalidate runs the script on the position key and the keys of scopes.
func (c *Cache) invalidate(ctx context.Context, keys []string, position grapevine.Position) error {
	if err := invalidateScript.Run(ctx, c.rdb, keys, position.String()).Err(); err != nil {
		return fmt.Errorf("invalidate %d scopes of the cache: %w", len(keys)-1, redisx.NameKeys(err, c.positionKey))
	}
	c.count.invalidated.Add(uint64(len(keys) - 1))
	return nil
}

func (c *Cache) invalidateAll(ctx context.Context, position grapevine.Position, restart bool) error {
	mode := "continue"
	if restart {
		mode = "restart"
	}
	err := invalidateAllScript.Run(ctx, c.rdb, []string{c.positionKey, c.epochKey}, position.String(), mode, rand.Text()).Err()
	if err != nil {
		return fmt.Errorf("invalidate the whole cache: %w", redisx.NameKeys(err, c.positionKey, c.epochKey))
	}
	c.count.purges.Add(1)
	c.cfg.Logger.Info("the whole cache was invalidated", "position", position.String(), "restart", restart)
	return nil
}
