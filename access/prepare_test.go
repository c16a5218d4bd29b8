package access

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/realtest"
)

func TestTwoInstancesPrepareAtOnceAndAgain(t *testing.T) {
	t.Parallel()
	db := realtest.New(t).DB(t)
	var both errgroup.Group
	for range 4 {
		both.Go(func() error { return New(Config{DB: db, Clock: &grapevine.Clock{}}).Prepare(context.Background()) })
	}
	require.NoError(t, both.Wait())
	require.Equal(t, map[string][]string{
		"users":       {"_id_", "admins", "by_email", "by_oidc", "by_workspace"},
		"sessions":    {"_id_", "by_shown_id", "by_user", "expire"},
		"tokens":      {"_id_", "by_shown_id", "by_user"},
		"invitations": {"_id_", "by_email", "by_maker", "by_shown_id", "by_user", "expire", "open", "setup"},
	}, indexNames(t, db))
	before := catalog(t, db)
	require.NoError(t, New(Config{DB: db, Clock: &grapevine.Clock{}}).Prepare(context.Background()))
	require.Equal(t, before, catalog(t, db))
}

func indexNames(t *testing.T, db *mongo.Database) map[string][]string {
	t.Helper()
	names := map[string][]string{}
	for _, c := range []string{"users", "sessions", "tokens", "invitations"} {
		list, err := db.Collection(c).Indexes().ListSpecifications(t.Context())
		require.NoError(t, err)
		for _, index := range list {
			names[c] = append(names[c], index.Name)
		}
		slices.Sort(names[c])
	}
	return names
}

// catalog is what MongoDB says of all collections and when the newest of its changes was.
func catalog(t *testing.T, db *mongo.Database) []bson.M {
	t.Helper()
	cursor, err := db.ListCollections(t.Context(), bson.D{})
	require.NoError(t, err)
	var all []bson.M
	require.NoError(t, cursor.All(t.Context(), &all))
	return all
}

func TestASessionExpiresByItsIndex(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	var found []struct {
		Name   string `bson:"name"`
		Expire *int64 `bson:"expireAfterSeconds"`
	}
	cursor, err := a.sessions.Indexes().List(t.Context())
	require.NoError(t, err)
	require.NoError(t, cursor.All(t.Context(), &found))
	for _, index := range found {
		require.Equal(t, index.Name == "expire", index.Expire != nil && *index.Expire == 0, index.Name)
	}
}

// unfit are documents that break one rule each. The good one of each collection breaks none.
var (
	aHash   = hashSecret("x")
	anyUser = bson.NewObjectID()
	good    = map[string]bson.M{
		"users": {
			"_id": anyUser, "email": "ada@example.com", "name": "Ada", "password": "$argon2id$", "epoch": 0, "admin": false, "disabled": false, "createdAt": bson.DateTime(1),
			"memberships": bson.A{bson.M{"workspace": "sales", "role": "viewer"}}, "oidc": bson.M{"issuer": "https://id.example", "subject": "1"},
		},
		"sessions": {
			"_id": aHash, "id": "1", "user": anyUser, "stamp": "s", "createdAt": bson.DateTime(1), "seenAt": bson.DateTime(1),
			"expiresAt": bson.DateTime(1), "address": "192.0.2.7", "browser": "b",
		},
		"tokens": {
			"_id": aHash, "id": "1", "prefix": "gv_12345", "name": "n", "user": nil, "workspace": "sales", "role": "editor",
			"createdAt": bson.DateTime(1), "expiresAt": nil, "usedAt": nil,
		},
		"invitations": {
			"_id": aHash, "id": "1", "kind": "invite", "email": "ada@example.com", "memberships": bson.A{}, "admin": true, "by": anyUser,
			"createdAt": bson.DateTime(1), "expiresAt": bson.DateTime(1),
		},
	}
	absent = bson.Symbol("absent") // as a value: the field is not there
	unfit  = map[string][]bson.M{
		"users": {
			{"email": absent},
			{"email": "Ada@example.com"},
			{"email": "ada"},
			{"admin": 1},
			{"admin": "yes"},
			{"admin": nil},
			{"disabled": 0},
			{"epoch": "1"},
			{"epoch": 1.5},
			{"memberships": nil},
			{"memberships": bson.A{"sales"}},
			{"memberships": bson.A{bson.M{"workspace": "sales", "role": "owner"}}},
			{"memberships": bson.A{bson.M{"workspace": "Sales", "role": "viewer"}}},
			{"memberships": bson.A{bson.M{"workspace": "sales", "role": "viewer", "until": 1}}},
			{"memberships": bson.A{bson.M{"workspace": "sales"}}},
			{"oidc": bson.M{"issuer": "https://id.example"}},
			{"email": "ada@example.com" + strings.Repeat("m", maxEmail)},
			{"name": strings.Repeat("ä", maxName+1)},
			{"password": ""},
			{"oidc": bson.M{"issuer": "", "subject": "1"}},
			{"createdAt": "2026"},
			{"isAdmin": true},
		},
		"sessions": {{"_id": "A" + aHash[1:]}, {"stamp": ""}, {"browser": strings.Repeat("b", maxBrowser+1)}, {"user": absent}, {"user": "1"}, {"stamp": absent}, {"expiresAt": absent}, {"expiresAt": int64(1)}, {"createdAt": absent}, {"id": absent}, {"admin": true}},
		"tokens": {
			{"user": absent},
			{"user": "1"},
			{"role": "owner"},
			{"role": "metrics"},
			{"workspace": absent},
			{"workspace": nil},
			{"workspace": ""},
			{"workspace": "Sales"},
			{"role": "metrics", "workspace": ""},
			{"name": strings.Repeat("n", maxName+1)},
			{"expiresAt": "never"},
			{"id": absent},
			{"admin": true},
		},
		"invitations": {{"kind": "join"}, {"email": "Ada@example.com"}, {"expiresAt": absent}, {"admin": 1}, {"memberships": bson.A{bson.M{"workspace": "sales", "role": "owner"}}}, {"usedAt": 1}},
	}
)

func with(base, change bson.M) bson.M {
	document := bson.M{}
	for _, fields := range []bson.M{base, change} {
		for name, value := range fields {
			document[name] = value
			if value == absent {
				delete(document, name)
			}
		}
	}
	return document
}

func decoderOf(name string) func(bson.Raw) error {
	return map[string]func(bson.Raw) error{
		"users":       func(raw bson.Raw) error { _, err := decodeUser(raw); return err },
		"sessions":    func(raw bson.Raw) error { _, err := decodeSession(raw); return err },
		"tokens":      func(raw bson.Raw) error { _, err := decodeToken(raw); return err },
		"invitations": func(raw bson.Raw) error { _, err := decodeInvitation(raw); return err },
	}[name]
}

// What the validator refuses gives no rights either, if somebody stores it past the validator.
func TestUnfitDocumentsAreRefusedTwice(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	for name, documents := range unfit {
		c, decode := a.cfg.DB.Collection(name), decoderOf(name)
		for _, change := range documents {
			document := with(good[name], change)
			_, err := c.InsertOne(t.Context(), document)
			require.True(t, mongo.IsDuplicateKeyError(err) == false && err != nil, "%s with %v: %v", name, change, err)
			_, err = c.InsertOne(t.Context(), document, options.InsertOne().SetBypassDocumentValidation(true))
			require.NoError(t, err)
			raw, err := c.FindOneAndDelete(t.Context(), bson.D{{Key: "_id", Value: document["_id"]}}).Raw()
			require.NoError(t, err)
			require.Error(t, decode(raw), "%s with %v", name, change)
		}
		_, err := c.InsertOne(t.Context(), good[name])
		require.NoError(t, err, name)
		raw, err := c.FindOne(t.Context(), bson.D{}).Raw()
		require.NoError(t, err)
		require.NoError(t, decode(raw), name)
	}
}

// Absence is accepted where it gives no right.
func TestAShortUserIsAcceptable(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	_, err := a.users.InsertOne(t.Context(), bson.M{"email": "ada@example.com", "oidc": nil, "password": nil})
	require.NoError(t, err)
	raw, err := a.users.FindOne(t.Context(), bson.D{}).Raw()
	require.NoError(t, err)
	u, err := decodeUser(raw)
	require.NoError(t, err)
	require.False(t, u.Admin)
	require.Empty(t, u.Roles())
	_, err = a.tokens.InsertOne(t.Context(), bson.M{"_id": aHash, "id": "1", "user": nil, "role": "metrics", "workspace": nil})
	require.NoError(t, err)
}

func TestAFieldThatIsThereTwiceIsUnfit(t *testing.T) {
	document := bson.D{{Key: "_id", Value: anyUser}, {Key: "email", Value: "a@b"}, {Key: "admin", Value: false}, {Key: "admin", Value: true}}
	raw, err := bson.Marshal(document)
	require.NoError(t, err)
	_, err = decodeUser(raw)
	require.ErrorContains(t, err, "admin")
}

func TestTwoRolesInOneWorkspaceCountAsTheLower(t *testing.T) {
	u := User{Memberships: []Membership{{"sales", grapevine.Admin}, {"sales", grapevine.Viewer}, {"hr", grapevine.Editor}}}
	require.Equal(t, map[string]grapevine.Role{"sales": grapevine.Viewer, "hr": grapevine.Editor}, u.Roles())
}
