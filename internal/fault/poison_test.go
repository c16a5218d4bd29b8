//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Documents that bypass the validator and cannot become a contact: each is recorded once as a dead
// letter, clients are told to re-read, and all other changes follow.
func TestPoisonDocuments(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{})
	l := c.startLoad()
	l.waitForWrites(50)
	past := options.InsertOne().SetBypassDocumentValidation(true)
	odd := []any{
		bson.D{{Key: "_id", Value: "a text"}, {Key: "workspace", Value: "one"}},
		bson.D{{Key: "_id", Value: bson.D{{Key: "a", Value: 1}}}, {Key: "workspace", Value: 7}},
		bson.D{{Key: "_id", Value: 1e308}, {Key: "name", Value: 7}, {Key: "tags", Value: 1e308}},
	}
	for _, document := range odd {
		_, err := c.db.Collection(grapevine.CollectionContacts).InsertOne(t.Context(), document, past)
		require.NoError(t, err)
		l.waitForWrites(10)
	}
	// A document with an ObjectID and wrong types in every other field still decodes partly.
	_, err := c.db.Collection(grapevine.CollectionContacts).InsertOne(t.Context(), bson.D{
		{Key: "_id", Value: bson.NewObjectID()}, {Key: "firstName", Value: 7}, {Key: "tags", Value: 1e308}, {Key: "kind", Value: "ghost"},
	}, past)
	require.NoError(t, err)
	l.waitForWrites(50)
	c.eventually(20*time.Second, "the dead letters are recorded", func() bool {
		n, err := c.db.Collection(grapevine.CollectionDeadLetters).CountDocuments(t.Context(), bson.D{})
		return err == nil && n == int64(len(odd))
	})
	l.endAndCheck(allowances{})
	require.InDelta(t, float64(len(odd)), c.sum("grapevine_watcher_dead_changes_total"), 0)
	require.Positive(t, c.sum("grapevine_ws_resyncs_total"))
	require.Empty(t, c.gaps())
}
