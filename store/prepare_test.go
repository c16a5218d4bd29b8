package store_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/servers"
	"grapevine/store"
)

func TestPrepareCanRunAgainAndConcurrently(t *testing.T) {
	db := realtest.New(t).DB(t)
	var instances sync.WaitGroup
	for range 4 {
		instances.Go(func() { assert.NoError(t, store.New(db, store.Config{}).Prepare(deadline(t))) })
	}
	instances.Wait()
	require.NoError(t, store.New(db, store.Config{}).Prepare(deadline(t)))
	requirePrepared(t, db)
}

// A killed instance leaves its transaction open for up to a minute. A collMod would wait for the transaction, and make
// every write wait too, so a start must not need one.
func TestPrepareDoesNotWaitForAnOpenTransaction(t *testing.T) {
	s, db := prepared(t)
	c := create(t, s, ada())
	session, err := db.Client().StartSession()
	require.NoError(t, err)
	defer session.EndSession(context.Background())
	require.NoError(t, session.StartTransaction())
	oid, err := bson.ObjectIDFromHex(c.ID)
	require.NoError(t, err)
	_, err = db.Collection(grapevine.CollectionContacts).UpdateByID(mongo.NewSessionContext(deadline(t), session), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "open"}}}})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	require.NoError(t, s.Prepare(ctx))
	require.NoError(t, session.AbortTransaction(context.Background()))
}

func requirePrepared(t *testing.T, db *mongo.Database) {
	t.Helper()
	specs, err := db.ListCollectionSpecifications(deadline(t), bson.D{{Key: "name", Value: grapevine.CollectionContacts}})
	require.NoError(t, err)
	require.Len(t, specs, 1)
	require.True(t, specs[0].Options.Lookup("changeStreamPreAndPostImages", "enabled").Boolean())
	indexes, err := db.Collection(grapevine.CollectionContacts).Indexes().ListSpecifications(deadline(t))
	require.NoError(t, err)
	names := map[string]bool{}
	for _, index := range indexes {
		names[index.Name] = true
	}
	for _, name := range []string{"last_name_first_name", "form_words", "form_phones", "form_facets_by_name", "form_name", "form_company", "in_texts", "created_by_key"} {
		require.True(t, names[name], name)
	}
}

func TestPrepareCorrectsAnExistingCollection(t *testing.T) {
	db := realtest.New(t).DB(t)
	ctx := deadline(t)
	c := db.Collection(grapevine.CollectionContacts)
	_, err := c.InsertOne(ctx, bson.D{{Key: "tags", Value: 7}, {Key: "workspace", Value: ws}})
	require.NoError(t, err)
	_, err = c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "a", Value: 1}}, Options: options.Index().SetName("form_name")})
	require.NoError(t, err)
	require.NoError(t, store.New(db, store.Config{}).Prepare(ctx))
	requirePrepared(t, db)
	_, err = c.UpdateOne(ctx, bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "x"}}}})
	require.NoError(t, err, "an old document that breaks the rules can be corrected field by field")
}

func TestPrepareDropsAnIndexOfAnEarlierVersion(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	indexes := db.Collection(grapevine.CollectionContacts).Indexes()
	earlier := []string{"tags_not_listed", "by_name", "with_list_in_place_of_text"}
	for i, name := range earlier {
		_, err := indexes.CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "workspace", Value: 1}, {Key: fmt.Sprint(i), Value: 1}}, Options: options.Index().SetName(name)})
		require.NoError(t, err)
	}
	require.NoError(t, s.Prepare(ctx))
	specs, err := indexes.ListSpecifications(ctx)
	require.NoError(t, err)
	for _, index := range specs {
		require.NotContains(t, earlier, index.Name)
	}
	requirePrepared(t, db)
}

func TestTheValidatorAppliesToDirectEdits(t *testing.T) {
	_, db := prepared(t)
	c := db.Collection(grapevine.CollectionContacts)
	person := func(e ...bson.E) bson.D {
		return append(bson.D{{Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "Ada"}}, e...)
	}
	for name, d := range map[string]bson.D{
		"minimal":      person(),
		"organization": {{Key: "workspace", Value: "a-1"}, {Key: "kind", Value: "organization"}, {Key: "name", Value: "Acme"}},
		"more": person(bson.E{Key: "own", Value: 1}, bson.E{Key: "tags", Value: bson.A{"a"}}, bson.E{Key: "createdAt", Value: time.Now()},
			bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "city", Value: "Bern"}}}}),
	} {
		_, err := c.InsertOne(deadline(t), d)
		require.NoError(t, err, name)
	}
	for name, d := range map[string]bson.D{
		"nothing":           {},
		"no workspace":      person()[1:],
		"workspace format":  append(bson.D{{Key: "workspace", Value: "A b"}}, person()[1:]...),
		"workspace newline": append(bson.D{{Key: "workspace", Value: "a\n"}}, person()[1:]...),
		"no kind":           {{Key: "workspace", Value: ws}, {Key: "firstName", Value: "Ada"}},
		"another kind":      {{Key: "workspace", Value: ws}, {Key: "kind", Value: "robot"}, {Key: "firstName", Value: "Ada"}},
		"e-mails":           person(bson.E{Key: "emails", Value: "ada@example.com"}),
		"an e-mail":         person(bson.E{Key: "emails", Value: bson.A{"ada@example.com"}}),
		"an e-mail's value": person(bson.E{Key: "emails", Value: bson.A{bson.D{{Key: "value", Value: 7}}}}),
		"organization's":    {{Key: "workspace", Value: ws}, {Key: "kind", Value: "organization"}, {Key: "firstName", Value: "Ada"}},
		"_id":               person(bson.E{Key: "_id", Value: "x"}),
		"tags":              person(bson.E{Key: "tags", Value: 7}),
		"a tag":             person(bson.E{Key: "tags", Value: bson.A{7}}),
		"createdAt":         person(bson.E{Key: "createdAt", Value: "today"}),
		"address":           person(bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "city", Value: 1}}}}),
		"organizationId":    person(bson.E{Key: "organizationId", Value: "507f1f77bcf86cd799439011"}),
		"last name":         person(bson.E{Key: "lastName", Value: bson.A{"a"}}),
	} {
		_, err := c.InsertOne(deadline(t), d)
		require.Error(t, err, name)
		require.ErrorContains(t, err, "validation", name)
	}
}

func TestPrepareFailsOnAStandaloneMongoDB(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	program, err := servers.FindMongod(ctx)
	require.NoError(t, err)
	port, err := servers.FreePort()
	require.NoError(t, err)
	dir := t.TempDir()
	alone := exec.CommandContext(ctx, program.Path, "--bind_ip", "127.0.0.1", "--port", strconv.Itoa(port), "--dbpath", dir, "--logpath", filepath.Join(dir, "log"))
	require.NoError(t, alone.Start())
	t.Cleanup(func() { _ = alone.Process.Kill(); _ = alone.Wait() })
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:" + strconv.Itoa(port) + "/?directConnection=true"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	require.NoError(t, client.Ping(ctx, nil))
	err = store.New(client.Database("x"), store.Config{}).Prepare(ctx)
	require.ErrorContains(t, err, "replica set")
	require.ErrorContains(t, err, "rs.initiate()")
}
