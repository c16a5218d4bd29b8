package app

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// Case 4 of the contract: three browsers of one user, one of which changes the password. Then it is set in MongoDB.
func TestAChangedPasswordEndsTheOtherSessions(t *testing.T) {
	env := realtest.New(t)
	a, b := start(t, env, signInOn), start(t, env, signInOn, roles(roleAPI))
	made := a.accounts()
	user := made.User("default:editor")
	changer, others := made.Session(user), []string{made.Session(user), made.Session(user)}
	token := made.Token(user, "default", "viewer")
	var open []*listener
	for n, i := range []*instance{a, b} {
		open = append(open, i.signedIn(others[n]).listen("workspace:default"))
	}
	program := b.as(token).listen("workspace:default")
	begin := time.Now()
	changed := a.signedIn(changer).call(http.MethodPut, "/session/password", map[string]any{"current": accounts.Password, "new": "another long enough phrase"})
	require.Less(t, changed.Status, 300, string(changed.Body))
	for n, l := range open {
		require.Less(t, l.wait(t, 4401, begin), 2*time.Second) // of which the hashes of two passwords take a part
		for _, i := range []*instance{a, b} {
			require.Equal(t, http.StatusUnauthorized, i.signedIn(others[n]).get("/contacts").Status)
		}
	}
	cookie := sessionCookie(t, changed.Header)
	require.NotEqual(t, changer, cookie, "the session goes on with a new secret")
	stays := b.signedIn(cookie)
	require.Equal(t, http.StatusOK, stays.get("/contacts").Status)
	last := stays.listen("workspace:default")

	var other struct{ Password string } // of a user made in MongoDB
	require.NoError(t, a.db.Collection(grapevine.CollectionUsers).FindOne(t.Context(), bson.M{"_id": made.User().ID}).Decode(&other))
	begin = time.Now()
	made.Set(user, bson.M{"password": other.Password})
	require.Less(t, last.wait(t, 4401, begin), time.Second)
	require.Equal(t, http.StatusUnauthorized, stays.get("/contacts").Status)
	require.Equal(t, http.StatusOK, a.as(token).get("/contacts").Status)
	select {
	case <-program.ended:
		require.Fail(t, "tokens live on")
	default:
	}
}

// sessionCookie is the value of the cookie of a session in an answer.
func sessionCookie(t *testing.T, header http.Header) string {
	t.Helper()
	for _, c := range (&http.Response{Header: header}).Cookies() {
		if len(c.Value) == 43 && c.Name != "known" {
			return c.Value
		}
	}
	require.Fail(t, "the answer sets no cookie of a session")
	return ""
}
