package app

import (
	"log/slog"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// The log of a whole run has who did what to rights, by ids, and neither secrets nor personal data, at no level.
func TestLogOfSignInHoldsNoSecretsAndNoPeople(t *testing.T) {
	t.Parallel()
	log, out := &lockedBuffer{}, &lockedBuffer{}
	env := realtest.New(t)
	i := launchWithLog(t, env, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), signInOn, printed(out))
	ready := i.App.WaitLive(t.Context())
	require.True(t, ready)
	eventually(t, "the link is printed", func() bool { return printedLink.MatchString(out.String()) })
	setup := printedLink.FindStringSubmatch(out.String())[2]
	secrets := []string{setup, accounts.Password, "zebra", "grace.hopper@example.test", "Hopper", "ada.lovelace@example.test", "Lovelace"}
	cookie := regexp.MustCompile(`session-\d+=([A-Za-z0-9_-]{43})`)
	must := func(status int, visitor *instance, method, path string, body any) map[string]any {
		t.Helper()
		a := visitor.call(method, path, body)
		require.Equal(t, status, a.Status, "%s %s: %s", method, path, a.Body)
		if found := cookie.FindStringSubmatch(a.Header.Get("Set-Cookie")); found != nil {
			secrets = append(secrets, found[1])
		}
		if len(a.Body) == 0 {
			return nil
		}
		return a.JSON(t)
	}
	must(http.StatusCreated, i, http.MethodPost, "/setup", map[string]any{"secret": setup, "email": "grace.hopper@example.test", "name": "Grace Hopper", "password": accounts.Password})
	admin := i.signedIn(secrets[len(secrets)-1])
	must(http.StatusUnauthorized, i, http.MethodPost, "/session", map[string]any{"email": "grace.hopper@example.test", "password": "zebra zebra zebra"})
	must(http.StatusUnauthorized, i, http.MethodPost, "/session", map[string]any{"email": "ada.lovelace@example.test", "password": "zebra zebra zebra"})
	invited := must(http.StatusCreated, admin, http.MethodPost, "/invitations", map[string]any{
		"email": "ada.lovelace@example.test", "memberships": []any{map[string]any{"workspace": "default", "role": "editor"}},
	})
	link := regexp.MustCompile(`#([A-Za-z0-9_-]{43})`).FindStringSubmatch(invited["link"].(string))
	require.NotNil(t, link)
	secrets = append(secrets, link[1])
	must(http.StatusCreated, i, http.MethodPost, "/invitations/accept", map[string]any{"secret": link[1], "name": "Ada Lovelace", "password": accounts.Password})
	ada := i.signedIn(secrets[len(secrets)-1])
	must(http.StatusCreated, i, http.MethodPost, "/session", map[string]any{"email": "ada.lovelace@example.test", "password": accounts.Password})
	made := must(http.StatusCreated, ada, http.MethodPost, "/tokens", map[string]any{"name": "Lovelace's", "workspace": "default", "role": "editor"})
	token := made["token"].(string)
	secrets = append(secrets, token)
	require.Equal(t, http.StatusOK, i.as(token).get("/contacts").Status)
	require.Equal(t, http.StatusBadRequest, i.get("/contacts?token="+token).Status)

	var user struct {
		ID bson.ObjectID `bson:"_id"`
	}
	require.NoError(t, i.db.Collection(grapevine.CollectionUsers).FindOne(t.Context(), bson.M{"email": "ada.lovelace@example.test"}).Decode(&user))
	id := user.ID.Hex()
	require.Less(t, admin.call(http.MethodPut, "/workspaces/default/members/"+id, map[string]any{"role": "viewer"}).Status, 300)
	require.Less(t, admin.call(http.MethodDelete, "/tokens/"+made["id"].(string), nil).Status, 300)
	require.Less(t, admin.call(http.MethodDelete, "/users/"+id+"/sessions", nil).Status, 300)
	require.Less(t, admin.call(http.MethodDelete, "/users/"+id, nil).Status, 300)
	require.Less(t, admin.call(http.MethodDelete, "/session", nil).Status, 300)
	i.stop()

	text := log.String()
	for _, secret := range secrets {
		require.NotContains(t, text, secret)
		require.NotContains(t, out.String()[len(printedLink.FindString(out.String())):], accounts.Password)
	}
	for _, hash := range []string{accounts.Hash(token), accounts.Hash(setup)} {
		require.NotContains(t, text, hash)
	}
	for _, said := range []string{"refused a sign-in", "signed in", "address=127.0.0.1", "a role was given", "a token was revoked", "sessions were ended", "a user was deleted", id} {
		require.Contains(t, text, said)
	}
}
