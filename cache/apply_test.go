package cache_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

func TestInvalidatedScopes(t *testing.T) {
	t.Parallel()
	in := func(workspace string) *grapevine.Contact { return &grapevine.Contact{ID: "1", Workspace: workspace} }
	everything := []string{"contact:1", "contact:2", "workspace:a", "workspace:b"}
	for name, test := range map[string]struct {
		change      grapevine.Change
		invalidates []string
	}{
		"created":   {grapevine.Change{Op: grapevine.Created, ID: "1", After: in("a")}, []string{"contact:1", "workspace:a"}},
		"updated":   {grapevine.Change{Op: grapevine.Updated, ID: "1", Before: in("a"), After: in("a")}, []string{"contact:1", "workspace:a"}},
		"moved":     {grapevine.Change{Op: grapevine.Updated, ID: "1", Before: in("a"), After: in("b")}, []string{"contact:1", "workspace:a", "workspace:b"}},
		"deleted":   {grapevine.Change{Op: grapevine.Deleted, ID: "1", Before: in("b")}, []string{"contact:1", "workspace:b"}},
		"heartbeat": {grapevine.Change{Op: grapevine.Heartbeat}, nil},
		"resync":    {grapevine.Change{Op: grapevine.Resync}, everything},
		"restart":   {grapevine.Change{Op: grapevine.Resync, Restart: true}, everything},

		"updated, pre-image missing":  {grapevine.Change{Op: grapevine.Updated, ID: "1", After: in("a")}, []string{"contact:1", "workspace:a"}},
		"deleted, pre-image missing":  {grapevine.Change{Op: grapevine.Deleted, ID: "1"}, everything},
		"created, post-image missing": {grapevine.Change{Op: grapevine.Created, ID: "1"}, everything},
		"an unknown operation":        {grapevine.Change{Op: "renamed", ID: "1", After: in("a")}, everything},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, realtest.New(t).RedisURL, cache.Config{})
			for _, scope := range everything {
				want(t, c, scope, "x", always("old"), "old", grapevine.CacheStored)
			}
			test.change.Position = at(1)
			apply(t, c, test.change)
			var invalidated []string
			for _, scope := range everything {
				_, status, err := c.Fetch(context.Background(), scope, "x", always("new"))
				require.NoError(t, err)
				if status != grapevine.CacheHit {
					invalidated = append(invalidated, scope)
				}
			}
			require.Equal(t, test.invalidates, invalidated)
		})
	}
}

// The batch has more scopes than one call takes, and one contact changes at both of its ends. A reader between
// two calls must not cache the value from before the second change.
func TestALongBatchIsAppliedInParts(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	const contacts = 3000
	changes := []grapevine.Change{updated("first", "w", at(1))}
	for i := range contacts {
		changes = append(changes, updated(strconv.Itoa(i), fmt.Sprintf("w%d", i%7), at(uint64(i)+2)))
	}
	changes = append(changes, updated("first", "w", at(contacts+2)))
	for i := range contacts {
		want(t, c, fmt.Sprintf("contact:%d", i), "x", always("old"), "old", grapevine.CacheStored)
	}
	apply(t, c, changes...)
	for i := range contacts {
		want(t, c, fmt.Sprintf("contact:%d", i), "x", always("new"), "new", grapevine.CacheStored)
	}
	reader := readSlowly(t, c, "contact:first", "x", "new")
	require.Equal(t, at(contacts+2), <-reader.loading)
	require.Equal(t, grapevine.CacheStored, reader.finish())
	require.GreaterOrEqual(t, c.Stats().Invalidated, uint64(contacts+2)) // "first" and its workspace count once per part
}

func TestABatchAroundAResyncKeepsItsOrder(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	want(t, c, "contact:1", "x", always("old"), "old", grapevine.CacheStored)
	apply(t, c,
		updated("1", "w", at(30)),
		grapevine.Change{Op: grapevine.Resync, Position: at(10), Restart: true},
		updated("2", "w", at(11)),
	)
	reader := readSlowly(t, c, "contact:1", "x", "new")
	require.Equal(t, at(11), <-reader.loading) // not 30, which belongs to the event log that ended
	reader.finish()
	require.EqualValues(t, 1, c.Stats().Purges)
	require.Zero(t, c.Stats().Bypassed)
}

func TestInvalidationReachesEveryInstance(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	a, b := open(t, env.RedisURL, cache.Config{}), open(t, env.RedisURL, cache.Config{})
	want(t, a, "workspace:w", "list", always("old"), "old", grapevine.CacheStored)
	want(t, b, "workspace:w", "list", never, "old", grapevine.CacheHit)
	apply(t, a, updated("1", "w", at(1)))
	want(t, b, "workspace:w", "list", always("new"), "new", grapevine.CacheStored)
	want(t, a, "workspace:w", "list", never, "new", grapevine.CacheHit)
	apply(t, b, grapevine.Change{Op: grapevine.Resync, Position: at(2)})
	want(t, a, "workspace:w", "list", always("newer"), "newer", grapevine.CacheStored)
	want(t, b, "workspace:w", "list", never, "newer", grapevine.CacheHit)
}

// Redis is out of memory and evicts nothing. Jobs wait, but invalidation must work.
func TestInvalidationWorksInAFullRedis(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	c := open(t, r.url, cache.Config{})
	rdb := connect(t, r.url)
	want(t, c, "contact:1", "x", always("old"), "old", grapevine.CacheStored)
	want(t, c, "contact:2", "x", always("old"), "old", grapevine.CacheStored)
	require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", "1").Err())
	apply(t, c, updated("1", "w", at(1)))
	want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheBypass) // no room for a lease
	want(t, c, "contact:2", "x", never, "old", grapevine.CacheHit)
	apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(2)})
	want(t, c, "contact:2", "x", always("new"), "new", grapevine.CacheMiss) // a lease replaces the old one, but there is no room for a value
	require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", "0").Err())
	want(t, c, "contact:2", "x", always("new"), "new", grapevine.CacheStored)
}

func TestApplyFailsWithoutRedis(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	c := open(t, r.url, cache.Config{})
	r.server.Kill()
	require.ErrorContains(t, c.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{updated("1", "w", at(1))}}), "invalidate 2 scopes of the cache")
	require.ErrorContains(t, c.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{{Op: grapevine.Resync, Position: at(1)}}}), "invalidate the whole cache")
	require.NoError(t, c.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{{Op: grapevine.Heartbeat, Position: at(1)}}}))
}
