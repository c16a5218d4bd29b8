//go:build fault

package fault

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Documents that bypass the validator, with an ObjectID and any other fields. Lists and sockets show each
// of them as far as it decodes, follow its changes and its deletion. A document whose _id is not an
// ObjectID becomes a dead letter each time it changes, is recorded each time, and stops no other change.
func TestStrangeDocuments(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{})
	l := c.startLoad()
	strange := c.newClient("strange", 9)
	l.waitForWrites(50)
	ctx, contacts := t.Context(), c.db.Collection(grapevine.CollectionContacts)
	past := options.InsertOne().SetBypassDocumentValidation(true)
	with := func(name string, value any) bson.D {
		d := bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: "strange"}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "Ada"}}
		for i := range d {
			if d[i].Key == name {
				d[i].Value = value
				return d
			}
		}
		return append(d, bson.E{Key: name, Value: value})
	}
	nested := bson.D{{Key: "x", Value: 1}}
	for range 90 {
		nested = bson.D{{Key: "x", Value: nested}}
	}
	documents := []bson.D{
		with("createdAt", bson.DateTime(math.MaxInt64)),
		with("updatedAt", bson.DateTime(math.MinInt64)),
		with("createdAt", "yesterday"),
		with("notes", "NUL \x00, not UTF-8 \xff, \u202e and </script>"),
		with("tags", bson.A{1, nil, bson.A{}, "kept", math.NaN()}),
		with("tags", math.Inf(1)),
		with("addresses", bson.A{nil, "x", bson.D{{Key: "city", Value: 7}}, bson.D{{Key: "city", Value: "Bern"}}}),
		with("_meta", "none"),
		with("_meta", bson.D{{Key: "write", Value: bson.A{}}, {Key: "key", Value: nil}}),
		with("organizationId", "nobody"),
		with("kind", "robot"),
		with("firstName", nested),
		with("", ""),
		with("a.$b", bson.D{{Key: "$c", Value: 1}}),
		with("notes", strings.Repeat("long ", 40_000)),
		with("extra", bson.Regex{Pattern: "(a+)+$"}),
	}
	ids := bson.A{}
	for _, d := range documents {
		_, err := contacts.InsertOne(ctx, d, past)
		require.NoError(t, err, "%v", d)
		ids = append(ids, d[0].Value)
	}
	for _, owner := range []any{"ann", 7, bson.A{}} {
		_, err := contacts.UpdateMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "owner", Value: owner}}}}, options.UpdateMany().SetBypassDocumentValidation(true))
		require.NoError(t, err)
	}
	// Three changes of a document without an ObjectID make three dead letters.
	_, err := contacts.InsertOne(ctx, bson.D{{Key: "_id", Value: "text"}, {Key: "workspace", Value: "strange"}}, past)
	require.NoError(t, err)
	_, err = contacts.UpdateByID(ctx, "text", bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "n"}}}}, options.UpdateOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	_, err = contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: "text"}})
	require.NoError(t, err)

	c.eventually(20*time.Second, "the client shows every document", func() bool {
		model, _, _ := strange.snapshot()
		return len(model) == len(documents)
	})
	for _, i := range c.instances {
		for _, d := range documents {
			id := d[0].Value.(bson.ObjectID).Hex()
			for range 2 {
				status, _, body := i.get("/contacts/"+id, "Workspace", "strange")
				require.Equal(t, http.StatusOK, status, "%v", d)
				require.Equal(t, id, contactOf(body).ID, "%v: %.200s", d, body)
			}
		}
		for _, sort := range []string{"name", "-name", "createdAt", "-updatedAt", "company"} {
			status, _, body := i.get("/contacts?limit=200&sort="+sort, "Workspace", "strange")
			require.Equal(t, http.StatusOK, status, "%.300s", body)
			require.Len(t, pageOf(body).Items, len(documents), sort)
		}
	}
	c.eventually(20*time.Second, "every job has run", func() bool {
		n, err := c.db.Collection(grapevine.CollectionLedger).CountDocuments(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}, {Key: "state", Value: "done"}})
		return err == nil && n == int64(len(documents))
	})
	_, err = contacts.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}})
	require.NoError(t, err)
	c.eventually(20*time.Second, "the client shows no document", func() bool {
		model, _, _ := strange.snapshot()
		return len(model) == 0
	})
	l.waitForWrites(50)
	l.endAndCheck(allowances{})
	require.InDelta(t, 3, c.sum("grapevine_watcher_dead_changes_total"), 0)
	n, err := c.db.Collection(grapevine.CollectionDeadLetters).CountDocuments(ctx, bson.D{{Key: "key", Value: "text"}})
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	require.Empty(t, c.gaps())
	strange.mu.Lock()
	defer strange.mu.Unlock()
	require.Empty(t, strange.problems)
}
