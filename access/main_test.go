package access

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/access/password"
	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

// cheap is the cost of a hash in tests.
var cheap = password.Params{Memory: 64, Time: 1, Threads: 1}

const goodPassword = "correct horse 7 battery"

var home = netip.MustParseAddr("192.0.2.7")

// newAccess is an Access on prepared collections of its own.
func newAccess(t testing.TB) *Access {
	t.Helper()
	env := realtest.New(t)
	a := New(Config{DB: env.DB(t), Redis: env.Redis(t), Prefix: grapevine.KeyPrefix(env.Database), Clock: &grapevine.Clock{}, PasswordCost: cheap, PasswordLine: password.LineConfig{Known: 100}})
	require.NoError(t, a.Prepare(context.Background()))
	return a
}

// addUser stores a user as somebody in mongosh would. change sets what is not usual.
func addUser(t testing.TB, a *Access, email string, change func(*User)) *User {
	t.Helper()
	u := &User{ID: bson.NewObjectID(), Email: email, Name: "Name of " + email, Password: noPassword(email), Memberships: []Membership{}, CreatedAt: time.Now()}
	if change != nil {
		change(u)
	}
	_, err := a.users.InsertOne(context.Background(), u)
	require.NoError(t, err)
	return u
}

// noPassword is a hash of a password that nobody knows.
func noPassword(email string) string {
	key := sha256.Sum256([]byte(email))
	return "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$" + base64.RawStdEncoding.EncodeToString(key[:])
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

func anAdmin(u *User) { u.Admin = true }

func member(memberships ...Membership) func(*User) {
	return func(u *User) { u.Memberships = memberships }
}

// stored is the user as MongoDB has it now, nil for none.
func stored(t testing.TB, a *Access, id bson.ObjectID) *User {
	t.Helper()
	u, err := a.findUser(context.Background(), byID(id))
	if isAbsent(err) {
		return nil
	}
	require.NoError(t, err)
	return u
}

func count(t testing.TB, c *mongo.Collection, filter bson.M) int {
	t.Helper()
	n, err := c.CountDocuments(context.Background(), filter)
	require.NoError(t, err)
	return int(n)
}

// aToken is the principal of a program with all rights of a person.
func aToken(p *grapevine.Principal) *grapevine.Principal {
	token := *p
	token.Kind, token.Session = grapevine.ByToken, ""
	return &token
}
