package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/servers"
	"grapevine/store"
)

// openTransaction changes a contact in a transaction of a client with this name, and leaves it open, as a killed process does.
func openTransaction(t *testing.T, uri, app string, db *mongo.Database, id string) {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetAppName(app))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	session, err := client.StartSession()
	require.NoError(t, err)
	t.Cleanup(func() { session.EndSession(context.Background()) })
	require.NoError(t, session.StartTransaction())
	oid, err := bson.ObjectIDFromHex(id)
	require.NoError(t, err)
	_, err = client.Database(db.Name()).Collection(grapevine.CollectionContacts).
		UpdateByID(mongo.NewSessionContext(deadline(t), session), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "_meta.deleting", Value: true}}}})
	require.NoError(t, err)
}

// mongodWithAUser is a mongod with access control and a prepared database. The user of the URI may read and write it, and no more.
func mongodWithAUser(t *testing.T) (uri string) {
	t.Helper()
	program, err := servers.FindMongod(t.Context())
	require.NoError(t, err)
	mongod, err := servers.StartMongodWithAuth(t.Context(), program, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(mongod.Kill)
	root := realtest.Connect(t, mongod.URIOf(servers.RootUser, servers.RootPassword))
	require.NoError(t, store.New(root.Database("abandoned"), store.Config{}).Prepare(deadline(t)))
	require.NoError(t, root.Database("admin").RunCommand(deadline(t), bson.D{
		{Key: "createUser", Value: "app"},
		{Key: "pwd", Value: "few-rights"},
		{Key: "roles", Value: bson.A{bson.D{{Key: "role", Value: "readWrite"}, {Key: "db", Value: "abandoned"}}}},
	}).Err())
	return mongod.URIOf("app", "few-rights")
}

// MongoDB keeps the transaction of a killed process open for a minute. Writers of its contact do not wait that long.
func TestTheTransactionOfAKilledInstanceIsEnded(t *testing.T) {
	uri := mongodWithAUser(t)
	db := realtest.Connect(t, uri).Database("abandoned")
	const timeout = 300 * time.Millisecond
	s := store.New(db, store.Config{Timeout: timeout})
	for name, write := range map[string]func(id string) error{
		"update": func(id string) error { _, _, err := s.Update(deadline(t), ws, id, nil, notes("x")); return err },
		"delete": func(id string) error { _, err := s.Delete(deadline(t), ws, id, nil); return err },
	} {
		t.Run(name, func(t *testing.T) {
			c := create(t, store.New(db, store.Config{}), ada())
			openTransaction(t, uri, "grapevine host:1", db, c.ID)
			began := time.Now()
			require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(write(c.ID)), "a contact cannot be written while it is locked")
			require.Eventually(t, func() bool { return write(c.ID) == nil }, 30*time.Second, time.Millisecond)
			t.Logf("it could be written after %s", time.Since(began))
		})
	}

	t.Run("of another program", func(t *testing.T) {
		c := create(t, store.New(db, store.Config{}), ada())
		openTransaction(t, uri, "mongosh", db, c.ID)
		for began := time.Now(); time.Since(began) < 3*time.Second; {
			_, err := s.Delete(deadline(t), ws, c.ID, nil)
			require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err))
		}
	})
}
