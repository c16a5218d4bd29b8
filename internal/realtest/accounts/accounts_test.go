package accounts

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

func TestAccountsAreDocuments(t *testing.T) {
	db := realtest.New(t).DB(t)
	made := In(t, db)
	user := made.User("default:editor", "sales:viewer")
	session, token := made.Session(user), made.Token(user, "default", "viewer")
	require.Len(t, session, 43)
	require.Regexp(t, `^gv_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$`, token)
	made.SetRole(user, "sales", "admin")
	made.Leave(user, "default")
	made.Set(user, bson.M{"disabled": true})
	var stored struct {
		Email       string
		Disabled    bool
		Memberships []struct{ Workspace, Role string }
	}
	require.NoError(t, db.Collection("users").FindOne(t.Context(), bson.M{"_id": user.ID}).Decode(&stored))
	require.Equal(t, user.Email, stored.Email)
	require.True(t, stored.Disabled)
	require.Equal(t, "[{sales admin}]", fmt.Sprint(stored.Memberships))
	for collection, secret := range map[string]string{"sessions": session, "tokens": token} {
		n, err := db.Collection(collection).CountDocuments(t.Context(), bson.M{"_id": Hash(secret), "user": user.ID})
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	}
}
