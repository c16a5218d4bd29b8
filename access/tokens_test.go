package access

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestATokenGivesNoMoreThanItsUserHas(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada := addUser(t, a, "ada@example.com", anAdmin)
	bob := addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Editor}))
	admin, his := signIn(t, a, ada), signIn(t, a, bob)
	end := time.Now().Add(time.Hour)

	info, text, err := a.CreateToken(t.Context(), his, NewToken{Name: " import  job ", Workspace: "sales", Role: grapevine.Editor, ExpiresAt: &end})
	require.NoError(t, err)
	require.True(t, hasChecksum(text))
	require.Equal(t, text[:8], info.Prefix)
	require.Equal(t, "import job", info.Name)
	require.Equal(t, bob.ID.Hex(), info.User)
	raw, err := a.tokens.FindOne(t.Context(), byID(hashSecret(text))).Raw()
	require.NoError(t, err)
	require.NotContains(t, string(raw), text[:20])

	for _, n := range []NewToken{
		{Name: "t", Workspace: "sales", Role: grapevine.Admin},
		{Name: "t", Workspace: "hr", Role: grapevine.Viewer},
		{Name: "t", Workspace: "sales", Role: grapevine.Viewer, Service: true},
		{Name: "t", Role: RoleMetrics},
		{Name: "t", Workspace: "sales", Role: grapevine.Viewer, User: ada.ID.Hex()},
	} {
		_, text, err := a.CreateToken(t.Context(), his, n)
		requireCode(t, grapevine.Forbidden, err)
		require.Empty(t, text)
	}
	past := time.Now().Add(-time.Hour)
	for _, n := range []NewToken{
		{Name: " ", Workspace: "sales", Role: grapevine.Viewer},
		{Name: "t", Workspace: "Sales", Role: grapevine.Viewer},
		{Name: "t", Workspace: "sales", Role: "owner"},
		{Name: "t", Workspace: "sales", Role: RoleMetrics},
		{Name: "t", Workspace: "sales", Role: grapevine.Viewer, ExpiresAt: &past},
	} {
		_, _, err := a.CreateToken(t.Context(), admin, n)
		requireCode(t, grapevine.Invalid, err)
	}
	for _, p := range []*grapevine.Principal{aToken(admin), grapevine.Anyone} {
		_, _, err = a.CreateToken(t.Context(), p, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Viewer})
		requireCode(t, grapevine.Forbidden, err)
	}
	for _, n := range []NewToken{
		{Name: "service", Workspace: "sales", Role: grapevine.Admin, Service: true},
		{Name: "metrics", Role: RoleMetrics},
	} {
		info, _, err = a.CreateToken(t.Context(), admin, n)
		require.NoError(t, err)
		require.Empty(t, info.User)
	}
}

func TestTheCommandLineMakesTokensOfUsers(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	bob := addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Editor}))
	info, _, err := a.CreateToken(t.Context(), CommandLine, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Viewer, User: bob.ID.Hex()})
	require.NoError(t, err)
	require.Equal(t, bob.ID.Hex(), info.User)
	_, _, err = a.CreateToken(t.Context(), CommandLine, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Admin, User: bob.ID.Hex()})
	requireCode(t, grapevine.Forbidden, err)
	_, _, err = a.CreateToken(t.Context(), CommandLine, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Viewer, User: bson.NewObjectID().Hex()})
	requireCode(t, grapevine.NotFound, err)
	_, _, err = a.CreateToken(t.Context(), CommandLine, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Viewer})
	requireCode(t, grapevine.Invalid, err)
	_, _, err = a.CreateToken(t.Context(), CommandLine, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Admin, Service: true})
	require.NoError(t, err)
}

func TestWhoSeesAndRevokesTokens(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	admin := signIn(t, a, addUser(t, a, "ada@example.com", anAdmin))
	his := signIn(t, a, addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Admin})))
	create := func(p *grapevine.Principal, name string, service bool) string {
		info, _, err := a.CreateToken(t.Context(), p, NewToken{Name: name, Workspace: "sales", Role: grapevine.Viewer, Service: service})
		require.NoError(t, err)
		return info.ID
	}
	mine, service, bobs := create(admin, "mine", false), create(admin, "service", true), create(his, "bobs", false)
	ids := func(p *grapevine.Principal) (ids []string) {
		list, err := a.Tokens(t.Context(), p)
		require.NoError(t, err)
		for _, info := range list {
			ids = append(ids, info.ID)
		}
		return ids
	}
	require.ElementsMatch(t, []string{mine, service}, ids(admin))
	require.ElementsMatch(t, []string{bobs}, ids(his))
	require.ElementsMatch(t, []string{mine, service, bobs}, ids(CommandLine))
	requireCode(t, grapevine.NotFound, a.RevokeToken(t.Context(), his, mine))
	requireCode(t, grapevine.NotFound, a.RevokeToken(t.Context(), his, service))
	requireCode(t, grapevine.Forbidden, a.RevokeToken(t.Context(), aToken(admin), mine))
	require.NoError(t, a.RevokeToken(t.Context(), his, bobs))
	bobs = create(his, "bobs", false)
	require.NoError(t, a.RevokeToken(t.Context(), admin, bobs))
	require.NoError(t, a.RevokeToken(t.Context(), CommandLine, service))
	requireCode(t, grapevine.NotFound, a.RevokeToken(t.Context(), CommandLine, service))
	require.ElementsMatch(t, []string{mine}, ids(CommandLine))
	_, err := a.Tokens(t.Context(), nil)
	requireCode(t, grapevine.Unauthorized, err)
}

func TestTheNumberOfTokensIsBounded(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	many := make([]any, maxTokens)
	for n := range many {
		many[n] = Token{Hash: hashSecret(newSecret()), ID: newShownID(), Name: "t", Workspace: "sales", Role: grapevine.Viewer, CreatedAt: time.Now()}
	}
	_, err := a.tokens.InsertMany(t.Context(), many)
	require.NoError(t, err)
	_, _, err = a.CreateToken(t.Context(), CommandLine, NewToken{Name: "t", Workspace: "sales", Role: grapevine.Viewer, Service: true})
	requireCode(t, grapevine.Conflict, err)
}

func TestNames(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada := addUser(t, a, "ada@example.com", func(u *User) { u.Name = "Ada" })
	info, _, err := a.CreateToken(t.Context(), CommandLine, NewToken{Name: "robot", Workspace: "sales", Role: grapevine.Viewer, Service: true})
	require.NoError(t, err)
	user := grapevine.Author{Kind: grapevine.ByUser, ID: ada.ID.Hex()}
	token := grapevine.Author{Kind: grapevine.ByToken, ID: info.ID}
	all := []grapevine.Author{
		user, token, {Kind: grapevine.ByUser, ID: bson.NewObjectID().Hex()}, {Kind: grapevine.ByUser, ID: "x"}, {Kind: grapevine.ByUnknown}, {Kind: grapevine.ByDirect},
	}
	want := map[grapevine.Author]string{user: "Ada", token: "robot"}
	require.Equal(t, want, a.Names(t.Context(), all))
	_, err = a.users.UpdateByID(t.Context(), ada.ID, bson.M{"$set": bson.M{"name": "Countess"}})
	require.NoError(t, err)
	require.Equal(t, want, a.Names(t.Context(), all), "held in memory")
	a.authorNames.forgetUser(user.ID)
	want[user] = "Countess"
	require.Equal(t, want, a.Names(t.Context(), all))
}
