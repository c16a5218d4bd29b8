//go:build fault

package fault

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Direct edits by a script: a transaction with thousands of writes that deletes and inserts the same _id,
// during which the lease holder is killed; updates by pipeline, with field names that contain dots and
// dollars and with arrays that shrink; $merge; an unordered bulk write that fails in part; and a document
// that is too large for its images.
func TestUnusualEdits(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.startLoad()
	l.clients = append(l.clients, c.newClient("many", 9))
	l.waitForWrites(50)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(c.mongod.URI)) // without the short timeout of the load's client
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	contacts := client.Database(database).Collection(grapevine.CollectionContacts)
	const n = 2000
	ids, docs := make(bson.A, n), make([]any, n)
	for k := range ids {
		id := bson.NewObjectID()
		ids[k], docs[k] = id, document(id, state{workspace: "many", owner: "ann", notes: fmt.Sprint(k)})
	}
	in := func(ids bson.A) bson.D { return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}} }
	set := func(field string, value any) bson.D {
		return bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}}
	}
	field := func(name string) bson.A {
		return bson.A{bson.D{{Key: "$replaceWith", Value: bson.D{{Key: "$setField", Value: bson.D{
			{Key: "field", Value: bson.D{{Key: "$literal", Value: name}}}, {Key: "input", Value: "$$ROOT"}, {Key: "value", Value: 1},
		}}}}}}
	}
	session, err := client.StartSession()
	require.NoError(t, err)
	defer session.EndSession(context.WithoutCancel(ctx))
	_, err = session.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		if _, err := contacts.InsertMany(ctx, docs); err != nil {
			return nil, err
		}
		if _, err := contacts.DeleteMany(ctx, in(ids[:300])); err != nil {
			return nil, err
		}
		if _, err := contacts.InsertMany(ctx, docs[:300]); err != nil {
			return nil, err
		}
		return contacts.UpdateMany(ctx, in(ids[:300]), set("notes", "again"))
	})
	require.NoError(t, err)
	if holder := c.holder(); holder != nil {
		holder.Kill()
		holder.boot()
	}

	many := func(filter, update any) {
		_, err := contacts.UpdateMany(ctx, filter, update)
		require.NoError(t, err)
	}
	many(in(ids[:200]), field("a.$b"))
	many(in(ids[:200]), bson.A{set("tags", bson.A{"a", "b", "c", "d"})})
	many(in(ids[:200]), bson.A{set("tags", bson.D{{Key: "$slice", Value: bson.A{"$tags", 2}}})})
	moved, err := contacts.Aggregate(ctx, bson.A{
		bson.D{{Key: "$match", Value: in(ids[200:400])}},
		set("workspace", "one"), set("owner", "ben"),
		bson.D{{Key: "$merge", Value: bson.D{{Key: "into", Value: "contacts"}, {Key: "whenMatched", Value: "replace"}}}},
	})
	require.NoError(t, err)
	require.NoError(t, moved.Close(ctx))
	var writes []mongo.WriteModel
	for _, id := range ids[400:600] {
		self, oid := bson.D{{Key: "_id", Value: id}}, id.(bson.ObjectID)
		writes = append(writes,
			mongo.NewDeleteOneModel().SetFilter(self),
			mongo.NewInsertOneModel().SetDocument(document(oid, state{workspace: "two", owner: "cho", notes: "back"})),
			mongo.NewInsertOneModel().SetDocument(document(oid, state{workspace: "two", notes: "refused"})),
			mongo.NewReplaceOneModel().SetFilter(self).SetReplacement(document(oid, state{workspace: "many", owner: "ben", notes: "replaced"})),
		)
	}
	_, err = contacts.BulkWrite(ctx, writes, options.BulkWrite().SetOrdered(false))
	require.True(t, mongo.IsDuplicateKeyError(err), "%v", err)

	large := bson.NewObjectID()
	one := bson.D{{Key: "_id", Value: large}}
	_, err = contacts.InsertOne(ctx, append(document(large, state{workspace: "many", owner: "ann"}), bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "city", Value: "Bern"}}}}))
	require.NoError(t, err)
	many(one, set("scan", strings.Repeat("x", 9_000_000)))
	many(one, set("addresses.0.city", "Basel"))
	many(one, bson.A{set("addresses", bson.A{})})
	many(one, field("$c.d"))
	many(one, set("notes", "the last"))

	// The killed instance was also a worker; it may be killed after sending. The other worker may lose
	// MongoDB during the long transaction.
	l.endAndCheck(allowances{drainTime: 120 * time.Second, repeatedMessages: 2 * runningTasks})
	require.Equal(t, !c.splitsEvents(), c.sum("grapevine_watcher_oversized_total") > 0)
	require.Zero(t, c.sum("grapevine_watcher_dead_changes_total"))
	require.Empty(t, c.gaps())
}
