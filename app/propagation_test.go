package app

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
	"grapevine/internal/realtest/wsclient"
)

// person is a contact as a person would insert it with mongosh.
func person(name string) bson.D {
	return bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: "default"}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: name}}
}

// isEdit reports a frame of an edit, not one that only says that a contact was formed.
func isEdit(f wsclient.Frame) bool { return f.Event != "contact:updated" || len(f.Changed) > 0 }

func idOf(d bson.D) bson.ObjectID { return d[0].Value.(bson.ObjectID) }

func TestDirectEditReachesCacheRoomsAndJobs(t *testing.T) {
	i := start(t, realtest.New(t))
	ctx := context.Background()
	contacts := i.db.Collection("contacts")

	empty := i.get("/contacts")
	require.Empty(t, empty.Items(t))
	require.Equal(t, "grapevine; hit", i.get("/contacts").Header.Get("Cache-Status"))
	s := i.dial("/ws/contacts")
	require.True(t, s.Join("workspace:default", empty.Header.Get("Position")).IsRecovered())

	ada := person("Ada")
	_, err := contacts.InsertOne(ctx, ada)
	require.NoError(t, err)
	created := s.Event()
	require.Equal(t, "contact:created", created.Event)
	require.Equal(t, "direct", created.Source)
	// A client that reads after the event never gets the old value.
	require.Len(t, i.get("/contacts").Items(t), 1)
	id := idOf(ada).Hex()
	require.Equal(t, "Ada", i.get("/contacts/" + id).JSON(t)["firstName"])
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
		before := i.get("/contacts/" + id).JSON(t)["notes"]
		require.NoError(t, edit(), name)
		f := s.Next(isEdit)
		require.Equal(t, "contact:updated", f.Event, name)
		require.Contains(t, f.Changed, "notes", name)
		after := i.get("/contacts/" + id).JSON(t)["notes"]
		require.NotEqual(t, before, after, name)
		require.Equal(t, f.ContactFields()["notes"], after, name)
	}

	_, err = contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: idOf(ada)}})
	require.NoError(t, err)
	gone := s.Next(isEdit)
	require.Equal(t, "contact:deleted", gone.Event)
	require.NotContains(t, gone.Text, `"source"`)
	require.Equal(t, id, gone.ContactID(), "a deleted contact is its last state")
	require.Equal(t, http.StatusNotFound, i.get("/contacts/"+id).Status)
	require.Empty(t, i.get("/contacts").Items(t))
}

func TestWriteAnswersWithThePositionOfItsEvent(t *testing.T) {
	i := start(t, realtest.New(t))
	s := i.dial("/ws/contacts")
	s.Join("workspace:default", "")
	made := i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada"})
	require.Equal(t, http.StatusCreated, made.Status, string(made.Body))
	f := s.Event()
	require.Equal(t, made.Header.Get("Position"), f.Position)
	require.Equal(t, "api", f.Source)

	path := made.Header.Get("Location")
	changed := i.call(http.MethodPatch, path, map[string]any{"notes": "n"})
	require.Equal(t, http.StatusOK, changed.Status, string(changed.Body))
	f = s.Event()
	require.Equal(t, changed.Header.Get("Position"), f.Position)
	require.Equal(t, []string{"notes"}, f.Changed)
	removed := i.call(http.MethodDelete, path, nil)
	require.Equal(t, http.StatusNoContent, removed.Status)
	require.Equal(t, removed.Header.Get("Position"), s.Event().Position)
}

func TestTransactionArrivesWholeAndInOrder(t *testing.T) {
	i := start(t, realtest.New(t))
	s := i.dial("/ws/contacts")
	s.Join("workspace:default", "")
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
		f := s.Event()
		require.Equal(t, fmt.Sprint("n", n), f.ContactFields()["firstName"])
		at, err := grapevine.ParsePosition(f.Position)
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
		require.Equal(t, http.StatusCreated, made.Status)
		list := b.get("/contacts?limit=200", "Min-Position", made.Header.Get("Position"))
		require.Len(t, list.Items(t), n+1)
	}
}

func TestAnyInstanceServesAnyRoom(t *testing.T) {
	env := realtest.New(t)
	a, b := start(t, env), start(t, env)
	sa, sb := a.dial("/ws/contacts"), b.dial("/ws/contacts")
	sa.Join("workspace:default", "", `"presence":true`)
	sb.Join("workspace:default", "", `"presence":true`)
	sa.Next(func(f wsclient.Frame) bool { return f.Event == "presence" && f.Members == 2 })
	for n := range 20 {
		i := []*instance{a, b}[n%2]
		i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": fmt.Sprint("n", n)})
		fa, fb := sa.Event(), sb.Event()
		require.Equal(t, fa.Position, fb.Position)
	}
}

func TestContactThatMovesLeavesOneRoomAndEntersAnother(t *testing.T) {
	i := start(t, realtest.New(t))
	made := i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}, "Workspace", "one")
	path := made.Header.Get("Location")
	require.Len(t, i.get("/contacts", "Workspace", "one").Items(t), 1)
	require.Empty(t, i.get("/contacts", "Workspace", "two").Items(t))
	from, to := i.dial("/ws/contacts"), i.dial("/ws/contacts")
	from.Join("workspace:one", "")
	to.Join("workspace:two", "")
	moved := i.call(http.MethodPatch, path, map[string]any{"workspace": "two"}, "Workspace", "one")
	require.Equal(t, http.StatusOK, moved.Status, string(moved.Body))
	left := from.Until("contact:deleted") // the event of its creation may come first
	require.Equal(t, "moved", left.Reason)
	require.Equal(t, "contact:created", to.Event().Event)
	require.Empty(t, i.get("/contacts", "Workspace", "one").Items(t))
	require.Len(t, i.get("/contacts", "Workspace", "two").Items(t), 1)
	require.Equal(t, http.StatusNotFound, i.get(path, "Workspace", "one").Status)
}
