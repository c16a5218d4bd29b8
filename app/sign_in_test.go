package app

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// Rights are documents: what is written in MongoDB counts on every instance, whatever its roles.
func TestRightsFollowTheirDocuments(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	served, worker := start(t, env, signInOn), start(t, env, signInOn, roles(roleWorker))
	made := served.accounts()
	editor := made.User("default:editor")
	page, program := served.signedIn(made.Session(editor)), served.as(made.Token(editor, "default", "editor"))
	ada := map[string]any{"firstName": "Ada"}
	for name, visitor := range map[string]*instance{"page": page, "program": program} {
		require.Equal(t, http.StatusOK, visitor.get("/contacts").Status, name)
		require.Equal(t, http.StatusCreated, visitor.call(http.MethodPost, "/contacts", ada).Status, name)
		require.Equal(t, http.StatusForbidden, visitor.get("/contacts", "Workspace", "sales").Status, name)
	}
	require.Equal(t, http.StatusUnauthorized, served.get("/contacts").Status)

	made.SetRole(editor, "default", "viewer")
	for name, visitor := range map[string]*instance{"page": page, "program": program} {
		eventually(t, "a viewer does not write: "+name, func() bool {
			return visitor.call(http.MethodPost, "/contacts", ada).Status == http.StatusForbidden
		})
		require.Equal(t, http.StatusOK, visitor.get("/contacts").Status, name)
	}
	made.Set(editor, bson.M{"disabled": true})
	for name, visitor := range map[string]*instance{"page": page, "program": program} {
		eventually(t, "a disabled user is nobody: "+name, func() bool { return visitor.get("/contacts").Status == http.StatusUnauthorized })
	}

	scraper := made.Token(accounts.User{}, "", "metrics")
	for _, i := range []*instance{served, worker} {
		require.Equal(t, http.StatusUnauthorized, i.get("/metrics").Status)
		require.NotContains(t, string(i.get("/readyz").Body), partAccess, "strangers see the status only")
		require.Equal(t, http.StatusOK, i.as(scraper).get("/metrics").Status)
		_, part := i.as(scraper).part(partAccess)
		require.True(t, part.Ready, part.Message)
	}
	gone, err := served.db.Collection(grapevine.CollectionTokens).DeleteOne(t.Context(), bson.M{"_id": accounts.Hash(scraper)})
	require.NoError(t, err)
	require.EqualValues(t, 1, gone.DeletedCount)
	for _, i := range []*instance{served, worker} {
		eventually(t, "a deleted token is none", func() bool { return i.as(scraper).get("/metrics").Status == http.StatusUnauthorized })
	}
}
