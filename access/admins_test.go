package access

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// race runs both at the same time.
func race(first, second func() error) (a, b error) {
	done, start := make(chan error), make(chan struct{})
	go func() {
		<-start
		done <- second()
	}()
	close(start)
	a = first()
	return a, <-done
}

// requireOneLoser requires that one of the two was done, and the other one met the conflict.
func requireOneLoser(t *testing.T, a *Access, name string, first, second error) {
	t.Helper()
	usable := count(t, a.users, bson.M{"admin": true, "disabled": false})
	require.Equal(t, 1, usable, "%s: %v, %v", name, first, second)
	require.NotEqual(t, first == nil, second == nil, "%s: %v, %v", name, first, second)
	for _, err := range []error{first, second} {
		if err != nil {
			requireCode(t, grapevine.Conflict, err)
		}
	}
}

// Case 9.
func TestTwoAdminsNeverTakeEachOtherAway(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	b := New(a.cfg)
	ada, bob := addUser(t, a, "ada@example.com", anAdmin), addUser(t, a, "bob@example.com", anAdmin)
	byAda, byBob := signIn(t, a, ada), signIn(t, a, bob)
	no, yes := false, true
	patch := func(i *Access, by *grapevine.Principal, u *User, change UserPatch) func() error {
		return func() error { _, err := i.PatchUser(context.Background(), by, u.ID.Hex(), change); return err }
	}
	restore := func() {
		for _, u := range []*User{ada, bob} {
			_, err := a.users.DeleteOne(t.Context(), byID(u.ID))
			require.NoError(t, err)
			_, err = a.users.InsertOne(t.Context(), u)
			require.NoError(t, err)
		}
	}
	for round := range 100 {
		first, second := race(patch(a, byAda, bob, UserPatch{Admin: &no}), patch(b, byBob, ada, UserPatch{Admin: &no}))
		requireOneLoser(t, a, fmt.Sprint("demote ", round), first, second)
		restore()
	}
	for round := range 20 {
		first, second := race(func() error { return a.DeleteUser(context.Background(), byAda, bob.ID.Hex()) }, patch(b, byBob, ada, UserPatch{Disabled: &yes}))
		requireOneLoser(t, a, fmt.Sprint("delete and disable ", round), first, second)
		restore()
	}
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada := addUser(t, a, "ada@example.com", anAdmin)
	addUser(t, a, "disabled@example.com", func(u *User) { u.Admin, u.Disabled = true, true })
	addUser(t, a, "invited@example.com", func(u *User) { u.Admin, u.Password = true, "" })
	addUser(t, a, "plain@example.com", func(u *User) { u.Admin, u.Password = true, "the password itself" })
	_, err := a.users.InsertOne(t.Context(), bson.M{"email": "unfit@example.com", "admin": true, "password": ada.Password, "isAdmin": true},
		options.InsertOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	admin, no, yes := signIn(t, a, ada), false, true
	for _, change := range []UserPatch{{Admin: &no}, {Disabled: &yes}} {
		for _, by := range []*grapevine.Principal{admin, CommandLine} {
			_, err := a.PatchUser(t.Context(), by, ada.ID.Hex(), change)
			requireCode(t, grapevine.Conflict, err)
		}
	}
	requireCode(t, grapevine.Conflict, a.DeleteUser(t.Context(), admin, ada.ID.Hex()))
	require.NotNil(t, stored(t, a, ada.ID))
	sso := addUser(t, a, "sso@example.com", func(u *User) {
		u.Admin, u.Password, u.OIDC = true, "", &OIDCLink{"https://id.example", "1"}
	})
	patch := func(issuer string) error {
		cfg := a.cfg
		cfg.Issuer = issuer
		_, err := New(cfg).PatchUser(t.Context(), admin, ada.ID.Hex(), UserPatch{Admin: &no})
		return err
	}
	requireCode(t, grapevine.Conflict, patch(""))
	requireCode(t, grapevine.Conflict, patch("https://another.example"))
	require.NoError(t, patch("https://id.example"), "single sign-on is a way to sign in")
	a.cfg.Issuer = "https://id.example"
	requireCode(t, grapevine.Conflict, a.DeleteUser(t.Context(), CommandLine, sso.ID.Hex()))
	_, err = a.PatchUser(t.Context(), CommandLine, sso.ID.Hex(), UserPatch{Admin: &yes})
	require.NoError(t, err)
	var counter struct {
		Count int64 `bson:"count"`
	}
	require.NoError(t, a.control.FindOne(t.Context(), byID(grapevine.ControlAdmins)).Decode(&counter))
	require.EqualValues(t, 1, counter.Count, "a refusal is rolled back")
}
