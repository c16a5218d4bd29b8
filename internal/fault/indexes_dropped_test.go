//go:build fault

package fault

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Somebody drops every index, the validator and the pre-images. MongoDB sends no event for that. Lists
// are slow, a text search fails and every change causes a resync, until the pipeline has made the missing parts again.
func TestIndexesDropped(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.startLoad()
	l.waitForWrites(100)
	ctx := t.Context()
	require.NoError(t, c.db.Collection(grapevine.CollectionContacts).Indexes().DropAll(ctx))
	require.NoError(t, c.db.RunCommand(ctx, bson.D{
		{Key: "collMod", Value: "contacts"},
		{Key: "validator", Value: bson.D{}},
		{Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: false}}},
	}).Err())
	took := c.eventually(40*time.Second, "every list works again", func() bool {
		for _, path := range []string{"/contacts?limit=7", "/contacts?q=a", "/contacts/search?q=ada"} {
			if status, _, _ := c.instances[0].get(path, "Workspace", "one"); status != http.StatusOK {
				return false
			}
		}
		return true
	})
	c.logf("repaired within %s", took.Round(time.Millisecond))
	c.eventually(20*time.Second, "the images are on", func() bool {
		specs, err := c.db.ListCollectionSpecifications(ctx, bson.D{{Key: "name", Value: "contacts"}})
		if err != nil || len(specs) != 1 {
			return false
		}
		enabled, _ := specs[0].Options.Lookup("changeStreamPreAndPostImages", "enabled").BooleanOK()
		return enabled
	})
	l.waitForWrites(50)
	l.endAndCheck(allowances{drainTime: 60 * time.Second})
	c.requireCollectionIntact()
	require.Empty(t, c.gaps())
}
