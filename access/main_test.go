package access

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

var home = netip.MustParseAddr("192.0.2.7")

// newAccess is an Access on prepared collections of its own.
func newAccess(t testing.TB) *Access {
	t.Helper()
	env := realtest.New(t)
	a := New(Config{DB: env.DB(t), Redis: env.Redis(t), Prefix: grapevine.KeyPrefix(env.Database), Clock: &grapevine.Clock{}})
	require.NoError(t, a.Prepare(context.Background()))
	return a
}

// addUser stores a user as somebody in mongosh would. change sets what is not usual.
func addUser(t testing.TB, a *Access, email string, change func(*User)) *User {
	t.Helper()
	u := &User{ID: bson.NewObjectID(), Email: email, Name: "Name of " + email, Password: "$argon2id$of " + email, Memberships: []Membership{}, CreatedAt: time.Now()}
	if change != nil {
		change(u)
	}
	_, err := a.users.InsertOne(context.Background(), u)
	require.NoError(t, err)
	return u
}

// signIn is the principal of a new session of the user.
func signIn(t testing.TB, a *Access, u *User) *grapevine.Principal {
	t.Helper()
	signed, err := a.newSession(context.Background(), u, home, "a browser")
	require.NoError(t, err)
	return signed.Principal
}

func requireCode(t testing.TB, code grapevine.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, grapevine.ErrorCode(err), "%v", err)
}
