package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/realtest/wsclient"
)

// Frames name who made a change, as he is called when the frame is made.
func TestFramesNameWhoMadeAChange(t *testing.T) {
	t.Parallel()
	i := start(t, realtest.New(t), signInOn)
	made := i.accounts()
	grace := made.UserWith(bson.M{"name": "Grace Hopper"}, "default:editor")
	page, program := i.signedIn(made.Session(grace)), i.as(made.Token(grace, "default", "editor"))
	var token struct{ ID string }
	require.NoError(t, i.db.Collection(grapevine.CollectionTokens).FindOne(t.Context(), bson.M{}).Decode(&token))
	byGrace, byProgram := wsclient.Author{Kind: "user", ID: grace.ID.Hex(), Name: "Grace Hopper"}, wsclient.Author{Kind: "token", ID: token.ID, Name: "test"}
	room := page.dial("/ws/contacts")
	room.Join("workspace:default", "")

	contact := page.call(http.MethodPost, "/contacts", map[string]any{"firstName": "Ada"})
	require.Equal(t, http.StatusCreated, contact.Status, string(contact.Body))
	require.Equal(t, byGrace, room.Next(isContact).By)
	path := contact.Header.Get("Location")
	require.Equal(t, http.StatusOK, program.call(http.MethodPatch, path, map[string]any{"notes": "n"}).Status)
	require.Equal(t, byProgram, room.Next(isContact).By)
	id, err := bson.ObjectIDFromHex(contact.JSON(t)["id"].(string))
	require.NoError(t, err)
	_, err = i.db.Collection(grapevine.CollectionContacts).UpdateByID(t.Context(), id, bson.M{"$set": bson.M{"notes": "m"}})
	require.NoError(t, err)
	require.Equal(t, wsclient.Author{Kind: "direct"}, room.Next(isContact).By)

	made.Set(grace, bson.M{"name": "Rear Admiral Hopper"})
	n := 0
	eventually(t, "the new name", func() bool {
		n++
		require.Equal(t, http.StatusOK, page.call(http.MethodPatch, path, map[string]any{"notes": fmt.Sprint(n)}).Status)
		return room.Next(isContact).By.Name == "Rear Admiral Hopper"
	})
	byGrace.Name = "Rear Admiral Hopper"
	deleted := page.call(http.MethodDelete, path, nil)
	require.Equal(t, http.StatusNoContent, deleted.Status)
	f := room.Next(isContact)
	require.Equal(t, "contact:deleted", f.Event)
	require.Equal(t, byGrace, f.By)
	require.Equal(t, "api", f.Source)
	require.Equal(t, deleted.Header.Get("Position"), f.Position)
	require.True(t, strings.HasSuffix(f.Position, "-1"), f.Position)
}

// isContact reports a frame of an edit of a contact.
func isContact(f wsclient.Frame) bool { return strings.HasPrefix(f.Event, "contact:") && isEdit(f) }

// An import ends with the right of its author. What it has done stays, and is his.
func TestAnImportEndsWithTheRight(t *testing.T) {
	t.Parallel()
	i := start(t, realtest.New(t), signInOn)
	made := i.accounts()
	grace, other := made.User("default:editor"), made.User("default:viewer", "sales:viewer")
	reader := i.as(made.Token(other, "default", "viewer"))
	elsewhere := i.as(made.Token(other, "sales", "viewer"))
	var file strings.Builder
	file.WriteString("First Name,E-mail\n")
	const rows = 20_000
	for n := range rows {
		fmt.Fprintf(&file, "Ada,ada%d@example.com\n", n)
	}
	name, value := accounts.Bearer(made.Token(grace, "default", "editor"))
	answered := make(chan httpclient.Answer, 1)
	go func() {
		answer, _ := httpclient.New("http://"+i.Addr(), 0).Do(context.WithoutCancel(t.Context()), http.MethodPost, "/contacts/import", file.String(), "Content-Type", "text/csv", name, value)
		answered <- answer
	}()
	contacts := func() int64 {
		n, err := i.db.Collection(grapevine.CollectionContacts).CountDocuments(t.Context(), bson.M{})
		require.NoError(t, err)
		return n
	}
	eventually(t, "the import has begun", func() bool { return contacts() > 0 })
	made.Leave(grace, "default")
	var started struct {
		ID bson.ObjectID `bson:"_id"`
	}
	require.NoError(t, i.db.Collection(grapevine.CollectionImports).FindOne(t.Context(), bson.M{}).Decode(&started))
	path := "/imports/" + started.ID.Hex()
	eventually(t, "the import has failed", func() bool { return reader.get(path).JSON(t)["state"] == "failed" })
	found := reader.get(path).JSON(t)
	require.Equal(t, "forbidden", found["code"])
	require.Equal(t, "The right to write into this workspace has ended.", found["message"])
	require.EqualValues(t, contacts(), found["created"], "its count stands still")
	require.Less(t, contacts(), int64(rows))
	require.Equal(t, http.StatusNotFound, elsewhere.get(path, "Workspace", "sales").Status, "an import of another workspace")
	signed, err := i.db.Collection(grapevine.CollectionContacts).CountDocuments(t.Context(), bson.M{"_meta.by.kind": "token", "_meta.group": started.ID.Hex()})
	require.NoError(t, err)
	require.Equal(t, contacts(), signed)
	<-answered
}
