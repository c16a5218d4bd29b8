package access

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

var nobody = (*grapevine.Principal)(nil)

// accept uses a link as somebody who typed a name and a password.
func accept(a *Access, link Link, as *grapevine.Principal) (SignedIn, error) {
	return a.Accept(context.Background(), Acceptance{Secret: link.Secret, Name: "New Name", Password: goodPassword}, as, home, "a browser")
}

func invite(t *testing.T, a *Access, by *grapevine.Principal, o Offer) Link {
	t.Helper()
	link, err := a.Invite(t.Context(), by, o)
	require.NoError(t, err)
	return link
}

func TestAnInvitationMakesAUserOnce(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	boss := signIn(t, a, addUser(t, a, "boss@example.com", member(Membership{"sales", grapevine.Admin})))
	link := invite(t, a, boss, Offer{Email: "New@Example.com", Memberships: []Membership{{"sales", grapevine.Editor}}})
	require.Equal(t, "https://crm.example/invitation#"+link.Secret, link.URL("https://crm.example"))
	require.WithinDuration(t, time.Now().Add(7*24*time.Hour), link.ExpiresAt, 5*time.Second)
	raw, err := a.invitations.FindOne(t.Context(), bson.D{}).Raw()
	require.NoError(t, err)
	require.NotContains(t, string(raw), link.Secret)

	for field, in := range map[string]Acceptance{
		"/name":     {Secret: link.Secret, Password: goodPassword},
		"/password": {Secret: link.Secret, Name: "N", Password: "short"},
	} {
		_, err := a.Accept(t.Context(), in, nobody, home, "")
		requireCode(t, grapevine.Invalid, err)
		var e *grapevine.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, field, e.Fields[0].Pointer)
	}
	_, err = a.SetUp(t.Context(), Acceptance{Secret: link.Secret, Name: "N", Password: goodPassword, Email: "x@example.com"}, home, "")
	requireCode(t, grapevine.Gone, err)

	signed, err := accept(a, link, nobody)
	require.NoError(t, err)
	require.Equal(t, "new@example.com", signed.Principal.Email)
	require.Equal(t, "New Name", signed.Principal.Name)
	require.Equal(t, map[string]grapevine.Role{"sales": grapevine.Editor}, signed.Principal.Roles)
	require.False(t, signed.Principal.Admin)
	require.NoError(t, a.sessions.FindOne(t.Context(), byID(hashSecret(signed.Secret))).Err())
	require.NoError(t, a.control.FindOne(t.Context(), byID(grapevine.ControlInstalled)).Err(), "whatever makes a user says that there has been one")
	for _, as := range []*grapevine.Principal{nobody, signed.Principal, boss} {
		_, err = accept(a, link, as)
		requireCode(t, grapevine.Gone, err)
	}
	_, err = accept(a, Link{Secret: newSecret()}, nobody)
	requireCode(t, grapevine.Gone, err)
}

// Case 17: one findOneAndUpdate uses the link, also when it is clicked twice.
func TestALinkIsUsedOnceByManyAtOnce(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	link := invite(t, a, CommandLine, Offer{Email: "new@example.com", Admin: true})
	var all sync.WaitGroup
	errs := make(chan error, 10)
	for range cap(errs) {
		all.Go(func() {
			_, err := accept(a, link, nobody)
			errs <- err
		})
	}
	all.Wait()
	good := 0
	for range cap(errs) {
		switch err := <-errs; grapevine.ErrorCode(err) {
		case grapevine.Gone, grapevine.Unauthorized, grapevine.TooMany: // the user was there already, or another click was looked at
		default:
			require.NoError(t, err)
			good++
		}
	}
	require.Equal(t, 1, good)
	require.Equal(t, 1, count(t, a.users, bson.M{}))
}

// A link that is never used up would keep others from signing in for as long as somebody tries it.
func TestALinkThatGivesNothingCostsNoHash(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	a, ada := newSignInAccess(t, func(c *Config) { c.Registerer = registry })
	boss := addPerson(t, a, "boss@example.test", anAdmin)
	byBoss := invite(t, a, signIn(t, a, boss), Offer{Email: "new@example.test"})
	_, err := a.users.DeleteOne(t.Context(), byID(boss.ID))
	require.NoError(t, err)
	reset, err := a.Reset(t.Context(), CommandLine, Offer{User: ada.ID.Hex()})
	require.NoError(t, err)
	_, err = a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$set": bson.M{"disabled": true}})
	require.NoError(t, err)
	late, err := a.insertInvitation(t.Context(), Invitation{Kind: KindSetup, Admin: true})
	require.NoError(t, err)

	before := int(metric(t, registry, "grapevine_password_hashes_total"))
	_, err = accept(a, byBoss, nobody)
	requireCode(t, grapevine.Gone, err)
	_, err = accept(a, reset, nobody)
	requireCode(t, grapevine.Forbidden, err)
	_, err = setUp(a, &late, "eve@example.test")
	requireCode(t, grapevine.Gone, err)
	require.Equal(t, before, int(metric(t, registry, "grapevine_password_hashes_total")))
}

func TestNobodyInvitesToWhatHeDoesNotHave(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	admin := signIn(t, a, addUser(t, a, "ada@example.com", anAdmin))
	boss := signIn(t, a, addUser(t, a, "boss@example.com", member(Membership{"sales", grapevine.Admin}, Membership{"hr", grapevine.Editor})))
	in := func(workspace string) []Membership { return []Membership{{workspace, grapevine.Viewer}} }
	for _, o := range []Offer{
		{Memberships: in("hr")},
		{Memberships: in("new")},
		{Memberships: append(in("sales"), in("hr")...)},
		{Memberships: in("sales"), Admin: true},
		{},
	} {
		o.Email = "new@example.com"
		_, err := a.Invite(t.Context(), boss, o)
		requireCode(t, grapevine.Forbidden, err)
		invite(t, a, admin, o)
	}
	for _, p := range []*grapevine.Principal{aToken(admin), grapevine.Anyone} {
		_, err := a.Invite(t.Context(), p, Offer{Email: "new@example.com", Memberships: in("sales")})
		requireCode(t, grapevine.Forbidden, err)
		_, err = a.Reset(t.Context(), p, Offer{User: admin.ID})
		requireCode(t, grapevine.Forbidden, err)
	}
	_, err := a.Invite(t.Context(), nobody, Offer{Email: "new@example.com"})
	requireCode(t, grapevine.Unauthorized, err)
	_, err = a.Reset(t.Context(), boss, Offer{User: admin.ID})
	requireCode(t, grapevine.Forbidden, err)
	for _, o := range []Offer{
		{Email: "new"},
		{Email: "new@example.com", Memberships: append(in("sales"), in("sales")...)},
		{Email: "new@example.com", Memberships: in("Not A Name")},
		{Email: "new@example.com", Memberships: []Membership{{"sales", "owner"}}},
	} {
		_, err := a.Invite(t.Context(), admin, o)
		requireCode(t, grapevine.Invalid, err)
	}
}

// A link gives what its maker may give when it is used.
func TestALinkIsGoneWithTheRightOfItsMaker(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]bson.M{
		"no admin there any more": {"$pull": bson.M{"memberships": bson.M{"workspace": "sales"}}},
		"a lower role":            {"$set": bson.M{"memberships.0.role": "editor"}},
		"disabled":                {"$set": bson.M{"disabled": true}},
		"gone":                    nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccess(t)
			boss := addUser(t, a, "boss@example.com", member(Membership{"sales", grapevine.Admin}))
			known := addUser(t, a, "known@example.com", nil)
			offer := Offer{Email: "new@example.com", Memberships: []Membership{{"sales", grapevine.Viewer}}}
			link := invite(t, a, signIn(t, a, boss), offer)
			offer.Email = known.Email
			other := invite(t, a, signIn(t, a, boss), offer)
			var err error
			if change == nil {
				_, err = a.users.DeleteOne(t.Context(), byID(boss.ID))
			} else {
				_, err = a.users.UpdateByID(t.Context(), boss.ID, change)
			}
			require.NoError(t, err)
			_, err = accept(a, link, nobody)
			requireCode(t, grapevine.Gone, err)
			_, err = accept(a, other, signIn(t, a, known))
			requireCode(t, grapevine.Gone, err)
			require.Zero(t, count(t, a.users, bson.M{"email": "new@example.com"}))
			require.Empty(t, stored(t, a, known.ID).Memberships)
			if change == nil {
				return
			}
			_, err = a.users.ReplaceOne(t.Context(), byID(boss.ID), boss)
			require.NoError(t, err)
			_, err = accept(a, link, nobody)
			require.NoError(t, err, "the refusal did not use the link up")
		})
	}
	t.Run("an offer of an admin of the instance", func(t *testing.T) {
		t.Parallel()
		a := newAccess(t)
		ada := addUser(t, a, "ada@example.com", func(u *User) { u.Admin, u.Memberships = true, []Membership{{"sales", grapevine.Admin}} })
		link := invite(t, a, signIn(t, a, ada), Offer{Email: "new@example.com", Admin: true})
		reset, err := a.Reset(t.Context(), signIn(t, a, ada), Offer{User: ada.ID.Hex()})
		require.NoError(t, err)
		_, err = a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$set": bson.M{"admin": false}})
		require.NoError(t, err)
		_, err = accept(a, link, nobody)
		requireCode(t, grapevine.Gone, err)
		_, err = accept(a, reset, nobody)
		requireCode(t, grapevine.Gone, err)
	})
}

// Case 3.
func TestAnInvitationTakesNoAccountOver(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada := addUser(t, a, "ada@example.com", func(u *User) { u.Admin, u.Memberships = true, []Membership{{"hr", grapevine.Editor}} })
	boss := signIn(t, a, addUser(t, a, "boss@example.com", member(Membership{"sales", grapevine.Admin})))
	session := signIn(t, a, ada)
	link := invite(t, a, boss, Offer{Email: "Ada@example.com.", Memberships: []Membership{{"sales", grapevine.Viewer}}})
	before := stored(t, a, ada.ID)

	_, err := accept(a, link, nobody)
	requireCode(t, grapevine.Unauthorized, err)
	_, err = accept(a, link, boss)
	requireCode(t, grapevine.Forbidden, err)
	_, err = accept(a, link, aToken(session))
	requireCode(t, grapevine.Forbidden, err)
	require.Equal(t, before, stored(t, a, ada.ID))
	_, err = a.Reset(t.Context(), boss, Offer{User: ada.ID.Hex()})
	requireCode(t, grapevine.Forbidden, err)

	signed, err := accept(a, link, session)
	require.NoError(t, err)
	require.Empty(t, signed.Secret, "the session goes on")
	require.Equal(t, session.Session, signed.Principal.Session)
	after := stored(t, a, ada.ID)
	require.Equal(t, []Membership{{"hr", grapevine.Editor}, {"sales", grapevine.Viewer}}, after.Memberships)
	after.Memberships = before.Memberships
	require.Equal(t, before, after, "no password, name or e-mail address")
	_, err = accept(a, link, session)
	requireCode(t, grapevine.Gone, err)
}

func TestAnInvitationNeverLowersARole(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	bob := addUser(t, a, "bob@example.com", member(Membership{"a", grapevine.Admin}, Membership{"b", grapevine.Viewer}, Membership{"c", grapevine.Editor}))
	link := invite(t, a, CommandLine, Offer{Email: bob.Email, Admin: true, Memberships: []Membership{{"a", grapevine.Viewer}, {"b", grapevine.Editor}, {"c", grapevine.Editor}, {"d", grapevine.Viewer}}})
	signed, err := accept(a, link, signIn(t, a, bob))
	require.NoError(t, err)
	u := stored(t, a, bob.ID)
	require.Equal(t, map[string]grapevine.Role{"a": grapevine.Admin, "b": grapevine.Editor, "c": grapevine.Editor, "d": grapevine.Viewer}, u.Roles())
	require.True(t, u.Admin)
	require.True(t, signed.Principal.Admin)
}

func TestANewLinkVoidsTheOlderOne(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	bob := addUser(t, a, "bob@example.com", nil)
	first := invite(t, a, CommandLine, Offer{Email: "new@example.com"})
	other := invite(t, a, CommandLine, Offer{Email: "other@example.com"})
	reset, err := a.Reset(t.Context(), CommandLine, Offer{User: bob.ID.Hex()})
	require.NoError(t, err)
	second := invite(t, a, CommandLine, Offer{Email: "NEW@example.com"})
	again, err := a.Reset(t.Context(), CommandLine, Offer{User: bob.ID.Hex()})
	require.NoError(t, err)
	for _, void := range []Link{first, reset} {
		_, err := accept(a, void, nobody)
		requireCode(t, grapevine.Gone, err)
	}
	for _, open := range []Link{other, second, again} {
		_, err := accept(a, open, nobody)
		require.NoError(t, err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { _, _ = a.Invite(context.Background(), CommandLine, Offer{Email: "busy@example.com"}) })
	}
	all.Wait()
	require.Equal(t, 1, count(t, a.invitations, bson.M{"email": "busy@example.com"}), "many at once leave one")
}

func TestALinkIsOverInTime(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	link := invite(t, a, CommandLine, Offer{Email: "new@example.com"})
	_, err := a.invitations.UpdateOne(t.Context(), bson.D{}, bson.M{"$set": bson.M{"expiresAt": time.Now().Add(-time.Minute)}})
	require.NoError(t, err)
	_, err = accept(a, link, nobody)
	requireCode(t, grapevine.Gone, err)
}

func TestAResetSetsThePasswordAndEndsTheSessions(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	bob := addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Editor}))
	signIn(t, a, bob)
	_, _, err := a.CreateToken(t.Context(), CommandLine, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Viewer, User: bob.ID.Hex()})
	require.NoError(t, err)
	link, err := a.Reset(t.Context(), CommandLine, Offer{User: bob.ID.Hex()})
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Hour), link.ExpiresAt, 5*time.Second)

	_, err = a.users.UpdateByID(t.Context(), bob.ID, bson.M{"$set": bson.M{"disabled": true}})
	require.NoError(t, err)
	_, err = accept(a, link, nobody)
	requireCode(t, grapevine.Forbidden, err)
	require.True(t, stored(t, a, bob.ID).Disabled)
	_, err = a.users.UpdateByID(t.Context(), bob.ID, bson.M{"$set": bson.M{"disabled": false}})
	require.NoError(t, err)

	signed, err := accept(a, link, nobody)
	require.NoError(t, err)
	u := stored(t, a, bob.ID)
	require.NotEqual(t, bob.Password, u.Password)
	require.True(t, strings.HasPrefix(u.Password, "$argon2id$"))
	require.Equal(t, bob.Name, u.Name)
	require.Equal(t, 1, count(t, a.sessions, bson.M{"user": bob.ID}))
	require.Equal(t, 1, count(t, a.sessions, bson.M{"_id": hashSecret(signed.Secret), "stamp": u.Stamp()}))
	require.Equal(t, 1, count(t, a.tokens, bson.M{}), "tokens live")
	_, err = accept(a, link, nobody)
	requireCode(t, grapevine.Gone, err)
	_, err = a.Reset(t.Context(), CommandLine, Offer{User: bson.NewObjectID().Hex()})
	requireCode(t, grapevine.NotFound, err)
}

// The e-mail address got a user by another way while the person typed.
func TestAUserWhoCameMeanwhileIsKept(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	link := invite(t, a, CommandLine, Offer{Email: "new@example.com"})
	i, err := a.openInvitation(t.Context(), link.Secret)
	require.NoError(t, err)
	addUser(t, a, "new@example.com", nil)
	_, err = a.acceptAsNewUser(t.Context(), &i, Acceptance{Name: "N", Password: goodPassword}, visitor{})
	requireCode(t, grapevine.Unauthorized, err)
	require.Equal(t, 1, count(t, a.users, bson.M{"name": "Name of new@example.com"}))
	require.Equal(t, 1, count(t, a.invitations, bson.M{"usedAt": nil}), "the link is still good")
}
