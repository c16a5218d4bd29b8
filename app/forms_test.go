package app

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/wsclient"
	"grapevine/store"
	"grapevine/watcher"
)

// countUnformed is the number of contacts whose derived part does not belong to their fields.
func countUnformed(t testing.TB, db *mongo.Database) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cursor, err := db.Collection(grapevine.CollectionContacts).Find(ctx, bson.D{})
	require.NoError(t, err)
	for cursor.Next(ctx) {
		contact, err := store.Decode(cursor.Current)
		require.NoError(t, err)
		if !store.IsFormed(cursor.Current, &contact) {
			n++
		}
	}
	require.NoError(t, cursor.Err())
	return n
}

// The instance forms a contact soon after a direct edit, and tells the rooms. That makes no job, and a digest does not count it.
func TestADirectEditIsFormed(t *testing.T) {
	i := start(t, realtest.New(t))
	ctx := t.Context()
	contacts := i.db.Collection("contacts")
	s := i.dial("/ws/contacts")
	s.Join("workspace:default", "")
	formed := func(f wsclient.Frame) bool { return f.Event == "contact:updated" && len(f.Changed) == 0 }

	ada := person("Ada")
	_, err := contacts.InsertOne(ctx, ada)
	require.NoError(t, err)
	require.Equal(t, "contact:created", s.Event().Event)
	s.Next(formed)
	for name, edit := range map[string]bson.D{
		"a name":                      {{Key: "$set", Value: bson.D{{Key: "lastName", Value: "Müller"}}}},
		"a shorthand":                 {{Key: "$set", Value: bson.D{{Key: "email", Value: "ada@example.org"}}}},
		"the part is removed":         {{Key: "$unset", Value: bson.D{{Key: "_form", Value: ""}}}},
		"the part is corrupt":         {{Key: "$set", Value: bson.D{{Key: "_form.w", Value: bson.A{"n:other"}}}}},
		"the document is copied over": {{Key: "$set", Value: bson.D{{Key: "_form", Value: bson.D{{Key: "of", Value: "1.other"}}}}}},
	} {
		_, err := contacts.UpdateByID(ctx, idOf(ada), edit)
		require.NoError(t, err, name)
		watch := realtest.StartStopwatch(t)
		eventually(t, name, func() bool { return countUnformed(t, i.db) == 0 })
		require.Less(t, watch.Stop(), watch.Allow(100*time.Millisecond), name)
		s.Next(formed)
	}
	eventually(t, "the walk of the first start is over", i.isWalked)
	eventually(t, "the names are gone", func() bool { return i.rdb.Exists(ctx, i.watcher.Prefix+grapevine.KeyUnformed).Val() == 0 })
	created, updated, deleted, err := i.events.Count(ctx, grapevine.DefaultWorkspace, time.Now().Add(-time.Minute), time.Now().Add(time.Minute))
	if err != nil {
		require.ErrorIs(t, err, grapevine.ErrPartial)
	}
	require.Equal(t, []int64{1, 2, 0}, []int64{created, updated, deleted}, "what people see changed")
}

// A name that is changed in mongosh is listed and found within 100 ms, although the lists and searches before it are in the cache.
func TestADirectEditIsListedAndFound(t *testing.T) {
	i := start(t, realtest.New(t))
	ctx := t.Context()
	contacts := i.db.Collection("contacts")
	first, edited, last := person("Bea"), person("Ada"), person("Zoe")
	_, err := contacts.InsertMany(ctx, []any{first, edited, last})
	require.NoError(t, err)
	eventually(t, "all are formed", func() bool { return countUnformed(t, i.db) == 0 })
	eventually(t, "searches are complete", func() bool { return !i.store.IsForming() })
	names := func(path string) string {
		var names strings.Builder
		for _, item := range i.get(path).Items(t) {
			name, _ := item.(map[string]any)["fullName"].(string)
			names.WriteString(name + ",")
		}
		return names.String()
	}
	s := i.dial("/ws/contacts")
	s.Join("workspace:default", "")
	for _, edit := range []struct {
		name                string
		do                  func() error
		sort, list          string
		found, hits, before string // before finds nobody any more
	}{
		{
			"$set", func() error {
				_, err := contacts.UpdateByID(ctx, idOf(edited), bson.D{{Key: "$set", Value: bson.D{{Key: "firstName", Value: "Mül"}}}})
				return err
			}, "name", "Bea,Mül,Zoe,", "mul", "Mül,", "ada",
		},
		{
			"a pipeline", func() error {
				_, err := contacts.UpdateOne(ctx, bson.D{{Key: "firstName", Value: "Mül"}}, mongo.Pipeline{{{Key: "$set", Value: bson.D{{Key: "lastName", Value: bson.D{{Key: "$concat", Value: bson.A{"Aar", "on"}}}}}}}})
				return err
			}, "name", "Mül Aaron,Bea,Zoe,", "aar mul", "Mül Aaron,", "ada",
		},
		{
			"a replacement", func() error {
				_, err := contacts.ReplaceOne(ctx, bson.D{{Key: "_id", Value: idOf(edited)}}, bson.D{{Key: "workspace", Value: "default"}, {Key: "kind", Value: "organization"}, {Key: "name", Value: "Zuse KG"}})
				return err
			}, "-name", "Zuse KG,Zoe,Bea,", "zus", "Zuse KG,", "aaron",
		},
		{
			"updateMany", func() error {
				_, err := contacts.UpdateMany(ctx, bson.D{{Key: "kind", Value: "person"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "company", Value: "Xerox"}}}})
				return err
			}, "company", "Bea,Zoe,Zuse KG,", "xer", "Bea,Zoe,", "aaron",
		},
		{
			"a rename of a field", func() error {
				_, err := contacts.UpdateMany(ctx, bson.D{{Key: "kind", Value: "person"}}, bson.D{{Key: "$rename", Value: bson.D{{Key: "company", Value: "lastName"}}}})
				return err
			}, "name", "Bea Xerox,Zoe Xerox,Zuse KG,", "zoe xerox", "Zoe Xerox,", "aaron",
		},
	} {
		list, found, before := "/contacts?sort="+edit.sort, "/contacts?q="+url.QueryEscape(edit.found), "/contacts?q="+edit.before
		for _, path := range []string{list, found, before} {
			eventually(t, "it is in the cache", func() bool { return i.get(path).Header.Get("Cache-Status") == "grapevine; hit" })
		}
		require.NoError(t, edit.do(), edit.name)
		watch := realtest.StartStopwatch(t)
		eventually(t, edit.name, func() bool { return names(list) == edit.list && names(found) == edit.hits && names(before) == "" })
		require.Less(t, watch.Stop(), watch.Allow(100*time.Millisecond), edit.name)
		s.Next(func(f wsclient.Frame) bool { return f.Event == "contact:updated" && len(f.Changed) == 0 })
		require.Equal(t, edit.list, names(list), "a page that lists again after the frame: %s", edit.name)
	}
}

func TestManyDirectEditsAreFormed(t *testing.T) {
	const n = 3000
	i := start(t, realtest.New(t))
	insertPeople(t, i.db, n)
	watch := realtest.StartStopwatch(t)
	eventually(t, "all are formed", func() bool {
		count, err := i.db.Collection("contacts").CountDocuments(t.Context(), bson.D{{Key: "_form.of", Value: bson.D{{Key: "$exists", Value: false}}}})
		return err == nil && count == 0
	})
	require.Less(t, watch.Stop(), watch.Allow(n*time.Second/500))
	require.Zero(t, countUnformed(t, i.db))
}

// Contacts that were there before the first start, and those of a gap, are formed by a walk.
func TestAWalkFormsAllContacts(t *testing.T) {
	env := realtest.New(t)
	insertPeople(t, env.DB(t), 500)
	i := start(t, env)
	eventually(t, "the walk is over", i.isWalked)
	require.Zero(t, countUnformed(t, i.db))
	eventually(t, "searches are complete", func() bool { return !i.store.IsForming() })

	require.NoError(t, i.forms.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{grapevine.NewResync(i.watcher.Applied(), time.Now(), "", "test")}}))
	eventually(t, "another walk is over", i.isWalked)
}

// A rule of somebody else refuses the part of one contact. It is recorded, the others go on, and a retry forms it later.
func TestAContactThatCannotBeFormedIsADeadLetter(t *testing.T) {
	i := start(t, realtest.New(t))
	contacts := i.db.Collection("contacts")
	rule := func(rules bson.D) {
		require.NoError(t, i.db.RunCommand(t.Context(), bson.D{{Key: "collMod", Value: "contacts"}, {Key: "validator", Value: rules}}).Err())
	}
	rule(bson.D{{Key: "_form.name", Value: bson.D{{Key: "$ne", Value: "refused"}}}})
	refused, other := person("refused"), person("other")
	_, err := contacts.InsertMany(t.Context(), []any{refused, other})
	require.NoError(t, err)
	id := idOf(refused).Hex()
	eventually(t, "it is recorded", func() bool {
		dead, err := watcher.DeadLetters(t.Context(), i.db)
		return err == nil && len(dead) == 1 && dead[0].Position == "form/"+id && dead[0].Reason != ""
	})
	eventually(t, "nothing is tried again, and the other is formed", func() bool {
		return i.rdb.Exists(t.Context(), i.watcher.Prefix+grapevine.KeyUnformed).Val() == 0 && countUnformed(t, i.db) == 1
	})
	rule(bson.D{})
	done, err := watcher.Submit(t.Context(), i.db, watcher.Command{Name: watcher.CommandRetryDead, From: "form/" + id, RequestedBy: "test"})
	require.NoError(t, err, done.Result)
	eventually(t, "it is formed", func() bool { return countUnformed(t, i.db) == 0 })
}
