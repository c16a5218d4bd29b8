package forms

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

// The contacts of a storm are formed in its order. Who was edited last does not wait for the storm.
func TestTheOldestAndTheNewestNamesComeFirst(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n := &named{rdb: realtest.New(t).Redis(t), key: "unformed"}
	ids := func(oldest, newest int64) (ids []any) {
		found, err := n.some(ctx, oldest, newest)
		require.NoError(t, err)
		for _, name := range found {
			ids = append(ids, name.Member)
		}
		return ids
	}
	at := func(t, i uint32) grapevine.Position { return grapevine.NewPosition(t, i, 0) }
	require.Empty(t, ids(2, 1))
	require.NoError(t, n.add(ctx, []redis.Z{
		nameOf("d", at(1_795_000_002, 1)), nameOf("b", at(1_795_000_001, 2)), nameOf("a", at(1_795_000_001, 1)), nameOf("c", at(1_795_000_001, 10)),
	}))
	require.Equal(t, []any{"a", "b", "d"}, ids(2, 1))
	require.Equal(t, []any{"a", "b", "c", "d"}, ids(10, 10))

	found, err := n.some(ctx, 2, 1)
	require.NoError(t, err)
	require.NoError(t, n.add(ctx, []redis.Z{nameOf("a", at(1_795_000_001, 11))}))
	require.NoError(t, n.remove(ctx, found))
	require.Equal(t, []any{"c", "a"}, ids(10, 1), "a was named again")
	count, err := n.count(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, count)
}

// A score is exact, so that a later name differs from an earlier one.
func TestScoresOfNamesAreExact(t *testing.T) {
	const last = 1<<32 - 1
	for _, i := range []uint32{0, 1, 1<<incrementBits - 2} {
		require.Less(t, nameOf("a", grapevine.NewPosition(last, i, 0)).Score, nameOf("a", grapevine.NewPosition(last, i+1, 0)).Score)
	}
}
