package app

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/internal/realtest"
	"grapevine/store"
)

// loadVersion1 fills the database with the documents of testdata/version1.jsonl, which a program of data version 1 wrote. It returns the
// contacts as they are read now.
func loadVersion1(t *testing.T, db *mongo.Database) map[string]bson.Raw {
	t.Helper()
	text, err := os.ReadFile("testdata/version1.jsonl")
	require.NoError(t, err)
	contacts := map[string]bson.Raw{}
	for line := range strings.Lines(string(text)) {
		var stored struct {
			Collection string
			Document   bson.Raw
		}
		require.NoError(t, bson.UnmarshalExtJSON([]byte(line), true, &stored))
		_, err := db.Collection(stored.Collection).InsertOne(t.Context(), stored.Document)
		require.NoError(t, err)
		if id, ok := stored.Document.Lookup("_id").ObjectIDOK(); ok && stored.Collection == "contacts" {
			contacts[id.Hex()] = stored.Document
		}
	}
	// The position is one of another server.
	_, err = db.Collection("control").UpdateByID(t.Context(), "start", bson.D{{Key: "$unset", Value: bson.D{{Key: "position", Value: ""}}}})
	require.NoError(t, err)
	return contacts
}

// pendingMigration reports whether data of an earlier version is left.
func pendingMigration(t *testing.T, db *mongo.Database) bool {
	t.Helper()
	n, err := db.Collection("control").CountDocuments(t.Context(), bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: 2}, {Key: "migration.endedAt", Value: nil}})
	require.NoError(t, err)
	return n == 1
}

// Two instances start on the data of the program before. Nothing is lost or welcomed again, and every contact gets its place in
// lists. What an instance of that program still writes is taken along.
func TestDataOfTheVersionBeforeIsMigrated(t *testing.T) {
	env := realtest.New(t)
	db := env.DB(t)
	earlier := loadVersion1(t, db)
	i := start(t, env)
	start(t, env)
	require.True(t, pendingMigration(t, db))
	_, err := db.Collection("contacts").UpdateOne(t.Context(), bson.D{{Key: "firstName", Value: "Ada01"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "email", Value: "late@example.org"}}}})
	require.NoError(t, err, "an instance of the program before ends what it had begun")
	eventually(t, "the first walk is over", i.isWalked)
	require.True(t, pendingMigration(t, db), "the last walk waits until no such instance writes")

	_, err = db.Collection("control").UpdateByID(t.Context(), "schema", bson.D{{Key: "$set", Value: bson.D{{Key: "migration.raisedAt", Value: time.Now().Add(-time.Minute)}}}})
	require.NoError(t, err)
	eventually(t, "the migration is over", func() bool { return !pendingMigration(t, db) })
	require.Zero(t, countUnformed(t, db))
	cursor, err := db.Collection("contacts").Find(t.Context(), bson.D{})
	require.NoError(t, err)
	seen := 0
	for cursor.Next(t.Context()) {
		seen++
		for _, name := range []string{"email", "phone"} {
			require.True(t, cursor.Current.Lookup(name).IsZero(), "%s is in the list: %s", name, cursor.Current)
		}
		contact, err := store.Decode(cursor.Current)
		require.NoError(t, err)
		before, err := store.Decode(earlier[contact.ID])
		require.NoError(t, err)
		if before.FirstName == "Ada01" {
			require.Equal(t, "late@example.org", contact.Email)
			continue
		}
		before.ETag, contact.ETag = "", ""
		require.Equal(t, before, contact)
		require.Equal(t, earlier[contact.ID].Lookup("pet"), cursor.Current.Lookup("pet"), "what the program does not know stays")
	}
	require.Len(t, earlier, seen)
	require.EqualValues(t, len(earlier), countRows(t, db, "done"), "nobody is welcomed again")
	require.Equal(t, 200, i.get("/contacts").Status)
}
