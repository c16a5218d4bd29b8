package app

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/seed"
	"grapevine/store"
)

// Building an index on a large collection takes minutes. The build has no deadline, because MongoDB would
// discard the partial index, and the watcher does not wait for it.
func TestAnInstanceIsLiveWhileIndexesAreBuilt(t *testing.T) {
	m := realtest.StartMongod(t, "--setParameter", "enableTestCommands=1")
	env := realtest.New(t)
	env.MongoURI = m.URI
	db := env.DB(t)
	s := store.New(db, store.Config{})
	require.NoError(t, s.Prepare(t.Context()))
	require.NoError(t, seed.Fill(t.Context(), s, seed.Samples{Workspace: grapevine.DefaultWorkspace, Seed: 1, Count: 50}, nil))
	contacts := db.Collection(grapevine.CollectionContacts)
	require.NoError(t, contacts.Indexes().DropOne(t.Context(), "in_texts"))
	admin := db.Client().Database("admin")
	building := func(mode string) {
		require.NoError(t, admin.RunCommand(context.Background(), bson.D{{Key: "configureFailPoint", Value: "hangAfterStartingIndexBuild"}, {Key: "mode", Value: mode}}).Err())
	}
	building("alwaysOn")
	t.Cleanup(func() { building("off") })

	i := start(t, env) // returns when it is live: a heartbeat has passed the pipeline
	cursor, err := admin.Aggregate(t.Context(), bson.A{
		bson.D{{Key: "$currentOp", Value: bson.D{}}},
		bson.D{{Key: "$match", Value: bson.D{{Key: "command.createIndexes", Value: grapevine.CollectionContacts}}}},
	})
	require.NoError(t, err)
	var waiting []struct {
		Command bson.Raw `bson:"command"`
	}
	require.NoError(t, cursor.All(t.Context(), &waiting))
	require.NotEmpty(t, waiting)
	for _, op := range waiting {
		require.True(t, op.Command.Lookup("maxTimeMS").IsZero(), "a deadline would make MongoDB discard the partial index")
	}
	require.Equal(t, 503, i.get("/contacts/search?q=x").Status)
	require.Equal(t, 200, i.get("/contacts").Status)

	building("off")
	require.Eventually(t, func() bool { return i.get("/contacts/search?q=x").Status == 200 }, patience, 50*time.Millisecond)
}

// Without an index lists are slow, and /readyz names it.
func TestReadyNamesAMissingIndex(t *testing.T) {
	env := realtest.New(t)
	i := start(t, env)
	contacts := env.DB(t).Collection(grapevine.CollectionContacts)
	hide := func(index string, hidden bool) {
		t.Helper()
		require.NoError(t, contacts.Database().RunCommand(t.Context(), bson.D{
			{Key: "collMod", Value: contacts.Name()},
			{Key: "index", Value: bson.D{{Key: "name", Value: index}, {Key: "hidden", Value: hidden}}},
		}).Err())
		require.NoError(t, i.ensureIndexes(t.Context()))
		time.Sleep(readyMaxAge)
	}
	for _, index := range []string{"form_name", "form_words"} {
		hide(index, true)
		named := i.get("/readyz")
		require.Equal(t, 200, named.Status)
		require.Contains(t, string(named.Body), "The index "+index+" is hidden")
		require.Equal(t, 200, i.get("/contacts?limit=2&q=x"+index).Status)
		require.Equal(t, 200, i.get("/contacts?limit=2&owner="+index).Status)
		hide(index, false)
	}
	require.Equal(t, 200, i.get("/readyz").Status)
}
