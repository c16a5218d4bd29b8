package access

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

func TestUsersAreListedWithoutSecretsInPages(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	for _, email := range []string{"c@example.com", "a@example.com", "b@example.com"} {
		addUser(t, a, email, nil)
	}
	_, err := a.users.InsertOne(t.Context(), bson.M{"email": "d@example.com", "name": "D", "admin": 1}, options.InsertOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	first, err := a.Users(t.Context(), "", 2)
	require.NoError(t, err)
	require.Equal(t, "b@example.com", first.Next)
	second, err := a.Users(t.Context(), first.Next, 2)
	require.NoError(t, err)
	require.Empty(t, second.Next)
	all := slices.Concat(first.Users, second.Users)
	require.Len(t, all, 4)
	for i, want := range []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com"} {
		require.Equal(t, want, all[i].Email)
	}
	require.True(t, all[0].Password)
	require.True(t, all[3].Unfit, "somebody has to see it")
	require.False(t, all[3].Admin)
}

func TestOnlyAdminsOfTheInstanceChangeUsers(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada := addUser(t, a, "ada@example.com", anAdmin)
	bob := addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Admin}))
	admin, other := signIn(t, a, ada), signIn(t, a, bob)
	name, yes, email := "Bobby  B", true, "Bob@Example.ORG"

	info, err := a.PatchUser(t.Context(), other, bob.ID.Hex(), UserPatch{Name: &name})
	require.NoError(t, err, "his own name")
	require.Equal(t, "Bobby B", info.Name)
	for _, change := range []UserPatch{{Email: &email}, {Admin: &yes}, {Name: &name, Disabled: new(bool)}} {
		_, err = a.PatchUser(t.Context(), other, bob.ID.Hex(), change)
		requireCode(t, grapevine.Forbidden, err)
	}
	_, err = a.PatchUser(t.Context(), other, ada.ID.Hex(), UserPatch{Name: &name})
	requireCode(t, grapevine.Forbidden, err)
	requireCode(t, grapevine.Forbidden, a.DeleteUser(t.Context(), other, bob.ID.Hex()))
	requireCode(t, grapevine.Forbidden, a.EndSessionsOf(t.Context(), other, ada.ID.Hex()))
	for _, nobody := range []*grapevine.Principal{nil, {}} {
		_, err = a.PatchUser(t.Context(), nobody, bob.ID.Hex(), UserPatch{Name: &name})
		requireCode(t, grapevine.Unauthorized, err)
		requireCode(t, grapevine.Unauthorized, a.DeleteUser(t.Context(), nobody, bob.ID.Hex()))
	}
	for _, program := range []*grapevine.Principal{aToken(admin), grapevine.Anyone} {
		_, err = a.PatchUser(t.Context(), program, bob.ID.Hex(), UserPatch{Name: &name})
		requireCode(t, grapevine.Forbidden, err)
		requireCode(t, grapevine.Forbidden, a.DeleteUser(t.Context(), program, bob.ID.Hex()))
	}

	info, err = a.PatchUser(t.Context(), admin, bob.ID.Hex(), UserPatch{Email: &email, Admin: &yes})
	require.NoError(t, err)
	require.Equal(t, "bob@example.org", info.Email)
	require.True(t, info.Admin)
	taken := "ada@example.com"
	_, err = a.PatchUser(t.Context(), admin, bob.ID.Hex(), UserPatch{Email: &taken})
	requireCode(t, grapevine.Conflict, err)
	for _, id := range []string{bson.NewObjectID().Hex(), "x"} {
		_, err = a.PatchUser(t.Context(), admin, id, UserPatch{Name: &name})
		requireCode(t, grapevine.NotFound, err)
		requireCode(t, grapevine.NotFound, a.DeleteUser(t.Context(), admin, id))
	}
}

// What the principal says may be two seconds old: the right is judged by the documents.
func TestARightThatEndedIsNotUsed(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	addUser(t, a, "root@example.com", anAdmin)
	ada, bob := addUser(t, a, "ada@example.com", anAdmin), addUser(t, a, "bob@example.com", nil)
	stale, yes := signIn(t, a, ada), true
	_, err := a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$set": bson.M{"admin": false}})
	require.NoError(t, err)
	_, err = a.PatchUser(t.Context(), stale, bob.ID.Hex(), UserPatch{Admin: &yes})
	requireCode(t, grapevine.Forbidden, err)
	require.False(t, stored(t, a, bob.ID).Admin)
	_, err = a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$set": bson.M{"admin": true, "disabled": true}})
	require.NoError(t, err)
	_, err = a.PatchUser(t.Context(), stale, bob.ID.Hex(), UserPatch{Admin: &yes})
	requireCode(t, grapevine.Unauthorized, err)
}

func TestDisablingEndsTheSessionsForGood(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada, bob := addUser(t, a, "ada@example.com", anAdmin), addUser(t, a, "bob@example.com", nil)
	admin, yes, no := signIn(t, a, ada), true, false
	signIn(t, a, bob)
	before := stored(t, a, bob.ID)
	info, err := a.PatchUser(t.Context(), admin, bob.ID.Hex(), UserPatch{Disabled: &yes})
	require.NoError(t, err)
	require.True(t, info.Disabled)
	require.Zero(t, count(t, a.sessions, bson.M{"user": bob.ID}))
	require.Equal(t, 1, count(t, a.sessions, bson.M{"user": ada.ID}))
	late := signIn(t, a, before) // a sign-in that had begun before
	_, err = a.PatchUser(t.Context(), admin, bob.ID.Hex(), UserPatch{Disabled: &no})
	require.NoError(t, err)
	raw, err := a.sessions.FindOne(t.Context(), byID(late.Session)).Raw()
	require.NoError(t, err)
	s, err := decodeSession(raw)
	require.NoError(t, err)
	require.NotEqual(t, stored(t, a, bob.ID).Stamp(), s.Stamp, "it is over when he is enabled again")
}

func TestADeletedUserLeavesNothingThatGivesARight(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada, bob := addUser(t, a, "ada@example.com", anAdmin), addUser(t, a, "bob@example.com", anAdmin)
	admin, his := signIn(t, a, ada), signIn(t, a, bob)
	_, _, err := a.CreateToken(t.Context(), his, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Viewer})
	require.NoError(t, err)
	_, err = a.Invite(t.Context(), his, Offer{Email: "new@example.com"}) // by him
	require.NoError(t, err)
	_, err = a.Invite(t.Context(), admin, Offer{Email: "bob@example.com"}) // to him
	require.NoError(t, err)
	_, err = a.Reset(t.Context(), admin, Offer{User: bob.ID.Hex()})
	require.NoError(t, err)
	kept, err := a.Invite(t.Context(), admin, Offer{Email: "other@example.com"})
	require.NoError(t, err)

	require.NoError(t, a.DeleteUser(t.Context(), admin, bob.ID.Hex()))
	require.Nil(t, stored(t, a, bob.ID))
	require.Zero(t, count(t, a.sessions, bson.M{"user": bob.ID}))
	require.Zero(t, count(t, a.tokens, bson.M{}))
	require.Equal(t, 1, count(t, a.invitations, bson.M{}))
	require.NoError(t, a.invitations.FindOne(t.Context(), bson.M{"id": kept.ID}).Err())
	require.NoError(t, a.sessions.FindOne(t.Context(), byID(admin.Session)).Err())
}

func TestAnUnfitUserCanBeDeleted(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	admin := signIn(t, a, addUser(t, a, "ada@example.com", anAdmin))
	id, yes := bson.NewObjectID(), true
	_, err := a.users.InsertOne(t.Context(), bson.M{"_id": id, "email": "d@example.com", "admin": "yes"}, options.InsertOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	_, err = a.PatchUser(t.Context(), admin, id.Hex(), UserPatch{Admin: &yes})
	requireCode(t, grapevine.Conflict, err)
	require.NoError(t, a.DeleteUser(t.Context(), admin, id.Hex()))
}

func TestPeopleEndTheirSessions(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada, bob := addUser(t, a, "ada@example.com", anAdmin), addUser(t, a, "bob@example.com", nil)
	mine, phone, tablet, his := signIn(t, a, ada), signIn(t, a, ada), signIn(t, a, ada), signIn(t, a, bob)
	_, err := a.sessions.UpdateByID(t.Context(), tablet.Session, bson.M{"$set": bson.M{"expiresAt": bson.DateTime(0)}})
	require.NoError(t, err)
	list, err := a.Sessions(t.Context(), mine)
	require.NoError(t, err)
	require.Len(t, list, 2, "one is over, and MongoDB deletes it within a minute")
	for _, over := range []bson.M{{"stamp": "of another password"}, {"seenAt": time.Now().Add(-13 * time.Hour), "createdAt": time.Now().Add(-13 * time.Hour)}} {
		s := signIn(t, a, ada)
		_, err = a.sessions.UpdateByID(t.Context(), s.Session, bson.M{"$set": over})
		require.NoError(t, err)
		list, err = a.Sessions(t.Context(), mine)
		require.NoError(t, err)
		require.Len(t, list, 2, "its end is later, and it gives no right: %v", over)
		require.NoError(t, a.SignOut(t.Context(), s))
	}
	shown := map[string]string{}
	for _, s := range list {
		shown[s.Hash] = s.ID
	}
	requireCode(t, grapevine.NotFound, a.EndSession(t.Context(), his, shown[phone.Session]))
	require.NoError(t, a.EndSession(t.Context(), mine, shown[phone.Session]))
	requireCode(t, grapevine.NotFound, a.EndSession(t.Context(), mine, shown[phone.Session]))
	signIn(t, a, ada)
	require.NoError(t, a.EndOtherSessions(t.Context(), mine))
	require.Equal(t, 1, count(t, a.sessions, bson.M{"user": ada.ID}))
	require.NoError(t, a.sessions.FindOne(t.Context(), byID(mine.Session)).Err())
	require.NoError(t, a.EndSessionsOf(t.Context(), mine, bob.ID.Hex()))
	require.Zero(t, count(t, a.sessions, bson.M{"user": bob.ID}))
	_, err = a.Sessions(t.Context(), aToken(mine))
	requireCode(t, grapevine.Forbidden, err)
	n, err := a.EndAllSessions(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

// A link to the wrong account at the provider can be taken away, and whoever came in by it is out.
func TestAnAdminTakesTheLinkToTheProviderAway(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	a.cfg.Issuer = "https://id.example"
	linked := func(subject string, admin bool) func(*User) {
		return func(u *User) { u.Admin, u.OIDC = admin, &OIDCLink{a.cfg.Issuer, subject} }
	}
	ada, bob := addUser(t, a, "ada@example.com", linked("1", true)), addUser(t, a, "bob@example.com", linked("2", false))
	admin, his, no, yes := signIn(t, a, ada), signIn(t, a, bob), false, true
	_, err := a.PatchUser(t.Context(), his, bob.ID.Hex(), UserPatch{SSO: &no})
	requireCode(t, grapevine.Forbidden, err)
	_, err = a.PatchUser(t.Context(), admin, bob.ID.Hex(), UserPatch{SSO: &yes})
	requireCode(t, grapevine.Invalid, err)
	late := stored(t, a, bob.ID)

	info, err := a.PatchUser(t.Context(), admin, bob.ID.Hex(), UserPatch{SSO: &no})
	require.NoError(t, err)
	require.False(t, info.SSO)
	require.Nil(t, stored(t, a, bob.ID).OIDC)
	require.Zero(t, count(t, a.sessions, bson.M{"user": bob.ID}))
	require.NotEqual(t, late.Stamp(), stored(t, a, bob.ID).Stamp(), "a sign-in that had begun before is over")
	info, err = a.PatchUser(t.Context(), admin, bob.ID.Hex(), UserPatch{SSO: &no})
	require.NoError(t, err, "there is no link any more")
	require.False(t, info.SSO)

	_, err = a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$unset": bson.M{"password": ""}, "$inc": bson.M{"epoch": 1}})
	require.NoError(t, err)
	_, err = a.PatchUser(t.Context(), CommandLine, ada.ID.Hex(), UserPatch{SSO: &no})
	requireCode(t, grapevine.Conflict, err)
	require.NotNil(t, stored(t, a, ada.ID).OIDC, "the last admin who can sign in")
}
