package access

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

const vintage = "a much better vintage"

func TestChangePassword(t *testing.T) {
	t.Parallel()
	a, ada := newSignInAccess(t, nil)
	_, err := a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$unset": bson.M{"epoch": ""}}) // as somebody in mongosh may leave it
	require.NoError(t, err)
	first, err := a.SignIn(t.Context(), credentials(ada.Email, harvest, 1))
	require.NoError(t, err)
	second, err := a.SignIn(t.Context(), credentials(ada.Email, harvest, 2))
	require.NoError(t, err)

	change := func(current, next string) (SignedIn, error) {
		return a.ChangePassword(t.Context(), first.Principal, current, next, home, "a browser")
	}
	for _, c := range []struct{ current, next, field string }{
		{"wrong wrong wrong", vintage, "/current"},
		{harvest, "short", "/new"},
		{harvest, "1qaz2wsx3edc", "/new"},
		{harvest, "Ada@Example.test", "/new"},
	} {
		_, err := change(c.current, c.next)
		requireCode(t, grapevine.Invalid, err)
		var invalid *grapevine.Error
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, c.field, invalid.Fields[0].Pointer)
	}

	changed, err := change(harvest, vintage)
	require.NoError(t, err)
	require.NotEqual(t, first.Secret, changed.Secret)
	var left []Session
	cursor, err := a.sessions.Find(t.Context(), bson.D{})
	require.NoError(t, err)
	require.NoError(t, cursor.All(t.Context(), &left))
	require.Len(t, left, 1)
	require.Equal(t, hashSecret(changed.Secret), left[0].Hash)
	now, err := a.userOrNone(t.Context(), byID(ada.ID))
	require.NoError(t, err)
	require.Equal(t, now.Stamp(), left[0].Stamp)
	require.NotEqual(t, first.Principal.Session, changed.Principal.Session)

	_, err = a.SignIn(t.Context(), credentials(ada.Email, harvest, 3))
	requireCode(t, grapevine.Unauthorized, err)
	_, err = a.SignIn(t.Context(), credentials(ada.Email, vintage, 3))
	require.NoError(t, err)
	_, err = a.ChangePassword(t.Context(), second.Principal, harvest, harvest, home, "a browser")
	requireCode(t, grapevine.Invalid, err)
}

func TestWhoCannotChangeAPassword(t *testing.T) {
	t.Parallel()
	a, ada := newSignInAccess(t, nil)
	linked := addUser(t, a, "sso@example.test", func(u *User) { u.Password = "" })
	gone := addUser(t, a, "gone@example.test", nil)
	leaver := signIn(t, a, gone)
	_, err := a.users.DeleteOne(t.Context(), byID(gone.ID))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		p    *grapevine.Principal
		code grapevine.Code
	}{
		"nobody":           {nil, grapevine.Forbidden},
		"a token":          {&grapevine.Principal{Kind: grapevine.ByToken, ID: "x", User: ada.ID.Hex()}, grapevine.Forbidden},
		"without password": {signIn(t, a, linked), grapevine.Forbidden},
		"deleted":          {leaver, grapevine.Unauthorized},
	} {
		_, err := a.ChangePassword(t.Context(), c.p, harvest, vintage, home, "a browser")
		require.Equal(t, c.code, grapevine.ErrorCode(err), name)
	}
}

func TestGuessingTheCurrentPasswordIsBounded(t *testing.T) {
	t.Parallel()
	a, ada := newSignInAccess(t, nil)
	p := signIn(t, a, ada)
	for range 10 {
		_, err := a.ChangePassword(t.Context(), p, "wrong wrong wrong", vintage, home, "a browser")
		requireCode(t, grapevine.Invalid, err)
	}
	_, err := a.ChangePassword(t.Context(), p, harvest, vintage, home, "a browser")
	requireCode(t, grapevine.TooMany, err)
	_, err = a.SignIn(t.Context(), credentials(ada.Email, harvest, 1))
	require.NoError(t, err)
}

// Nobody keeps others from signing in by changes that are refused, or by changes without end.
func TestChangesOfThePasswordCostFewHashes(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	a, ada := newSignInAccess(t, func(c *Config) { c.Registerer = registry })
	p, current, next := signIn(t, a, ada), harvest, vintage
	before := int(metric(t, registry, "grapevine_password_hashes_total"))
	for range 20 {
		_, err := a.ChangePassword(t.Context(), p, current, "short", home, "a browser")
		requireCode(t, grapevine.Invalid, err)
	}
	require.Equal(t, before, int(metric(t, registry, "grapevine_password_hashes_total")))
	for range 30 {
		changed, err := a.ChangePassword(t.Context(), p, current, next, home, "a browser")
		if grapevine.ErrorCode(err) == grapevine.TooMany {
			return
		}
		require.NoError(t, err)
		p, current, next = changed.Principal, next, current
	}
	require.Fail(t, "changes are not bounded")
}
