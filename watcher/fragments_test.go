package watcher

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestJoinFragments(t *testing.T) {
	raw := func(doc bson.D) bson.Raw {
		b, err := bson.Marshal(doc)
		require.NoError(t, err)
		return b
	}
	id := func(token string) bson.E { return bson.E{Key: "_id", Value: bson.D{{Key: "_data", Value: token}}} }
	fragment := func(number, of int, fields ...bson.E) bson.Raw {
		split := bson.E{Key: "splitEvent", Value: bson.D{{Key: "fragment", Value: number}, {Key: "of", Value: of}}}
		return raw(append(bson.D{id(string(rune('a' + number))), split}, fields...))
	}
	before := bson.E{Key: "fullDocumentBeforeChange", Value: bson.D{{Key: "notes", Value: "old"}}}
	after := bson.E{Key: "fullDocument", Value: bson.D{{Key: "notes", Value: "new"}}}
	operation := bson.E{Key: "operationType", Value: "update"}

	var f fragments
	whole := raw(bson.D{id("t"), operation, after})
	require.Equal(t, whole, f.join(whole), "an event in one piece")

	first := fragment(1, 3, before)
	require.Nil(t, f.join(first))
	clear(first) // the cursor uses its memory again
	require.Nil(t, f.join(fragment(2, 3, after)))
	event := f.join(fragment(3, 3, operation))
	require.Equal(t, raw(bson.D{before, after, id("d"), operation}), event)

	require.Equal(t, whole, f.join(whole), "the next event")
	require.Equal(t, raw(bson.D{id("b"), after}), f.join(fragment(1, 1, after)), "a single fragment")
}
