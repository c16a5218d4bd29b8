package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestTheStoreAppliesEachFilter(t *testing.T) {
	require.Empty(t, conditions(grapevine.Query{Workspace: "w"}))
	require.Empty(t, lookups(grapevine.Query{Workspace: "w"}))
	for _, f := range grapevine.QueryFilters {
		q := grapevine.Query{Workspace: "w"}
		*f.Value(&q) = "x"
		require.Len(t, conditions(q), 1, "%s has no condition", f.Name)
		require.Len(t, lookups(q), 1, "no index finds the contacts of %s", f.Name)
	}
}
