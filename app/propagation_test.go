package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// person is a contact as somebody in mongosh would write it.
func person(name string) bson.D {
	return bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: "default"}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: name}}
}

func idOf(d bson.D) bson.ObjectID { return d[0].Value.(bson.ObjectID) }

func TestDirectEditReachesCacheRoomsAndJobs(t *testing.T) {
	i := start(t, realtest.New(t))
	ctx := context.Background()
	contacts := i.db.Collection("contacts")

	empty := i.get("/contacts")
	require.Empty(t, empty.items(t))
	require.Equal(t, "grapevine; hit", i.get("/contacts").header.Get("Cache-Status"))
	s := i.dial("/ws/contacts")
	require.Equal(t, true, s.join("workspace:default", "since", empty.header.Get("Position"))["recovered"])

	ada := person("Ada")
	_, err := contacts.InsertOne(ctx, ada)
	require.NoError(t, err)
	created := s.event()
	require.Equal(t, "contact:created", created.text("event"))
	require.Equal(t, "direct", created.text("source"))
	// Whoever was told and re-reads never gets the old value.
	require.Len(t, i.get("/contacts").items(t), 1)
	id := idOf(ada).Hex()
	require.Equal(t, "Ada", i.get("/contacts/" + id).json(t)["firstName"])
	eventually(t, "the welcome", func() bool {
		var row bson.M
		return i.db.Collection("effects").FindOne(ctx, bson.D{{Key: "_id", Value: idOf(ada)}}).Decode(&row) == nil && row["state"] == "done"
	})

	for name, edit := range map[string]func() error{
		"update": func() error {
			_, err := contacts.UpdateByID(ctx, idOf(ada), bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "first"}}}})
			return err
		},
		"replace": func() error {
			replacement := append(slices.Clone(ada), bson.E{Key: "notes", Value: "second"}, bson.E{Key: "tags", Value: bson.A{"x"}})
			_, err := contacts.ReplaceOne(ctx, bson.D{{Key: "_id", Value: idOf(ada)}}, replacement)
			return err
		},
		"updateMany": func() error {
			_, err := contacts.UpdateMany(ctx, bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "third"}}}})
			return err
		},
	} {
		before := i.get("/contacts/" + id).json(t)["notes"]
		require.NoError(t, edit(), name)
		f := s.event()
		require.Equal(t, "contact:updated", f.text("event"), name)
		require.Contains(t, f["changed"], "notes", name)
		after := i.get("/contacts/" + id).json(t)["notes"]
		require.NotEqual(t, before, after, name)
		require.Equal(t, f["contact"].(map[string]any)["notes"], after, name)
	}

	_, err = contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: idOf(ada)}})
	require.NoError(t, err)
	gone := s.event()
	require.Equal(t, "contact:deleted", gone.text("event"))
	require.NotContains(t, gone, "source")
	require.Equal(t, id, gone["contact"].(map[string]any)["id"], "a deleted contact is its last state")
	require.Equal(t, http.StatusNotFound, i.get("/contacts/"+id).status)
	require.Empty(t, i.get("/contacts").items(t))
}

func TestWriteAnswersWithThePositionOfItsEvent(t *testing.T) {
	i := start(t, realtest.New(t))
	s := i.dial("/ws/contacts")
	s.join("workspace:default")
	made := i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada"})
	require.Equal(t, http.StatusCreated, made.status, string(made.body))
	f := s.event()
	require.Equal(t, made.header.Get("Position"), f.text("position"))
	require.Equal(t, "api", f.text("source"))

	path := made.header.Get("Location")
	changed := i.call(http.MethodPatch, path, map[string]any{"notes": "n"})
	require.Equal(t, http.StatusOK, changed.status, string(changed.body))
	f = s.event()
	require.Equal(t, changed.header.Get("Position"), f.text("position"))
	require.Equal(t, []any{"notes"}, f["changed"])
	removed := i.call(http.MethodDelete, path, nil)
	require.Equal(t, http.StatusNoContent, removed.status)
	require.Equal(t, removed.header.Get("Position"), s.event().text("position"))
}

func TestTransactionArrivesWholeAndInOrder(t *testing.T) {
	i := start(t, realtest.New(t))
	s := i.dial("/ws/contacts")
	s.join("workspace:default")
	ctx := context.Background()
	session, err := i.db.Client().StartSession()
	require.NoError(t, err)
	defer session.EndSession(ctx)
	_, err = session.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		for n := range 20 {
			if _, err := i.db.Collection("contacts").InsertOne(ctx, person(fmt.Sprint("n", n))); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	require.NoError(t, err)
	var last grapevine.Position
	for n := range 20 {
		f := s.event()
		require.Equal(t, fmt.Sprint("n", n), f["contact"].(map[string]any)["firstName"])
		at, err := grapevine.ParsePosition(f.text("position"))
		require.NoError(t, err)
		require.Equal(t, uint64(n), at.N)
		require.True(t, last.Before(at))
		last = at
	}
}

func TestReadYourWritesOnAnotherInstance(t *testing.T) {
	env := realtest.New(t)
	a, b := start(t, env), start(t, env)
	for n := range 50 {
		b.get("/contacts") // cached before
		made := a.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": fmt.Sprint("n", n)})
		require.Equal(t, http.StatusCreated, made.status)
		list := b.get("/contacts?limit=200", "Min-Position", made.header.Get("Position"))
		require.Len(t, list.items(t), n+1)
	}
}

func TestAnyInstanceServesAnyRoom(t *testing.T) {
	env := realtest.New(t)
	a, b := start(t, env), start(t, env)
	sa, sb := a.dial("/ws/contacts"), b.dial("/ws/contacts")
	sa.join("workspace:default", "presence", true)
	sb.join("workspace:default", "presence", true)
	sa.next(func(f frame) bool { return f.text("event") == "presence" && f["members"] == float64(2) })
	for n := range 20 {
		i := []*instance{a, b}[n%2]
		i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": fmt.Sprint("n", n)})
		fa, fb := sa.event(), sb.event()
		require.Equal(t, fa.text("position"), fb.text("position"))
	}
}

func TestContactThatMovesLeavesOneRoomAndEntersAnother(t *testing.T) {
	i := start(t, realtest.New(t))
	made := i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}, "Workspace", "one")
	path := made.header.Get("Location")
	require.Len(t, i.get("/contacts", "Workspace", "one").items(t), 1)
	require.Empty(t, i.get("/contacts", "Workspace", "two").items(t))
	from, to := i.dial("/ws/contacts"), i.dial("/ws/contacts")
	from.join("workspace:one")
	to.join("workspace:two")
	moved := i.call(http.MethodPatch, path, map[string]any{"workspace": "two"}, "Workspace", "one")
	require.Equal(t, http.StatusOK, moved.status, string(moved.body))
	left := from.next(func(f frame) bool { return f.text("event") == "contact:deleted" }) // its creation may still have been on the way
	require.Equal(t, "moved", left.text("reason"))
	require.Equal(t, "contact:created", to.event().text("event"))
	require.Empty(t, i.get("/contacts", "Workspace", "one").items(t))
	require.Len(t, i.get("/contacts", "Workspace", "two").items(t), 1)
	require.Equal(t, http.StatusNotFound, i.get(path, "Workspace", "one").status)
}
