package mongox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/mongox"
	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

// A unique index that the documents forbid is named, the other indexes are made, and it is made as soon as it can be.
func TestDuplicatesAreNamedAndKeepNoOtherIndexBack(t *testing.T) {
	collection := realtest.New(t).DB(t).Collection("things")
	_, err := collection.InsertMany(t.Context(), []any{bson.D{{Key: "_id", Value: 1}, {Key: "key", Value: "k1-secret"}}, bson.D{{Key: "_id", Value: 2}, {Key: "key", Value: "k1-secret"}}})
	require.NoError(t, err)
	wanted := []mongox.Index{
		{Name: "by_key", Keys: bson.D{{Key: "key", Value: 1}}, Unique: true},
		{Name: "by_name", Keys: bson.D{{Key: "name", Value: 1}}},
	}
	indexes := mongox.NewIndexes(collection, wanted)
	for range 2 { // the second time within the pause between two tries
		require.NoError(t, indexes.Ensure(t.Context()))
		require.Equal(t, []mongox.Problem{{
			Name: "by_key", State: mongox.Duplicates,
			Message: "The index by_key cannot be made, because several documents of things have the same value in key. Remove it from all but one of them.",
		}}, indexes.Problems())
	}
	specs, err := collection.Indexes().ListSpecifications(t.Context())
	require.NoError(t, err)
	require.Len(t, specs, 2, "_id and by_name")
	_, err = collection.DeleteOne(t.Context(), bson.D{{Key: "_id", Value: 2}})
	require.NoError(t, err)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		require.NoError(c, indexes.Ensure(t.Context()))
		require.Empty(c, indexes.Problems())
	}, 10*time.Second, 10*time.Millisecond)
}

// An index of the same keys that is not unique does not serve as one that is, and one that leaves documents out serves as
// none. Ours is made beside it.
func TestAWeakerIndexDoesNotServe(t *testing.T) {
	for name, theirs := range map[string]bson.D{
		"not unique": {},
		"sparse":     {{Key: "unique", Value: true}, {Key: "sparse", Value: true}},
		"partial":    {{Key: "unique", Value: true}, {Key: "partialFilterExpression", Value: bson.D{{Key: "key", Value: bson.D{{Key: "$exists", Value: true}}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			collection := realtest.New(t).DB(t).Collection("things")
			index := append(bson.D{{Key: "name", Value: "theirs"}, {Key: "key", Value: bson.D{{Key: "key", Value: 1}}}}, theirs...)
			require.NoError(t, collection.Database().RunCommand(t.Context(), bson.D{{Key: "createIndexes", Value: "things"}, {Key: "indexes", Value: bson.A{index}}}).Err())
			indexes := mongox.NewIndexes(collection, []mongox.Index{{Name: "by_key", Keys: bson.D{{Key: "key", Value: 1}}, Unique: true}})
			require.NoError(t, indexes.Ensure(t.Context()))
			specs, err := collection.Indexes().ListSpecifications(t.Context())
			require.NoError(t, err)
			require.Len(t, specs, 3, "_id, theirs and by_key")
			require.Empty(t, indexes.Problems())
			require.Equal(t, "by_key", indexes.NameOf("by_key"))
		})
	}
}
