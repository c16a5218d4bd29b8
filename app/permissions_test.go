package app

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/redact"
	"grapevine/internal/servers"
)

// password has two words, so that a piece of it would be found.
const password = "kq7zvx-w9jj4"

// guarded is a database of a mongod with access control. Its user app has the password.
type guarded struct {
	realtest.Env // with the administrator's MongoURI
	t            *testing.T
	server       *servers.Mongod
	admin        *mongo.Database
}

// TestRightsInMongoDB tries users with few rights on one mongod with access control.
func TestRightsInMongoDB(t *testing.T) {
	t.Parallel()
	program, err := servers.FindMongod(t.Context())
	require.NoError(t, err)
	m, err := servers.StartMongodWithAuth(t.Context(), program, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(m.Kill)
	uri := m.URIOf(servers.RootUser, servers.RootPassword)
	root, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Disconnect(context.Background()) })
	for name, test := range map[string]func(*guarded){
		"readiness follows the rights":    readinessFollowsTheRights,
		"a sign-in is refused":            aRefusedSignInIsSaidOnce,
		"a new database":                  readWriteIsEnoughForANewDatabase,
		"a prepared database":             aPreparedDatabaseNeedsFewRights,
		"contacts without images":         imagesNeedARightOnce,
		"contacts with another validator": aValidatorNeedsARightOnce,
		"a missing index of a few rights": anIndexNeedsARight,
	} {
		t.Run(name, func(t *testing.T) {
			env := realtest.New(t)
			env.MongoURI = uri
			test(&guarded{env, t, m, root.Database("admin")})
		})
	}
}

// user creates or updates the user app, with built-in roles on the database or a role of its own.
func (g *guarded) user(roles ...string) {
	g.t.Helper()
	granted := bson.A{}
	for _, name := range roles {
		granted = append(granted, bson.D{{Key: "role", Value: name}, {Key: "db", Value: g.Database}})
	}
	fields := bson.D{{Key: "pwd", Value: password}, {Key: "roles", Value: granted}}
	err := g.admin.RunCommand(g.t.Context(), append(bson.D{{Key: "updateUser", Value: "app"}}, fields...)).Err()
	if err != nil {
		err = g.admin.RunCommand(g.t.Context(), append(bson.D{{Key: "createUser", Value: "app"}}, fields...)).Err()
	}
	require.NoError(g.t, err)
}

// fewRights gives the user app no more than an instance needs on a prepared database.
func (g *guarded) fewRights() {
	g.t.Helper()
	require.NoError(g.t, g.DB(g.t).RunCommand(g.t.Context(), bson.D{
		{Key: "createRole", Value: "few"},
		{Key: "roles", Value: bson.A{}},
		{Key: "privileges", Value: bson.A{bson.D{
			{Key: "resource", Value: bson.D{{Key: "db", Value: g.Database}, {Key: "collection", Value: ""}}},
			{Key: "actions", Value: bson.A{"find", "insert", "update", "remove", "changeStream", "listCollections", "listIndexes"}},
		}}},
	}).Err())
	g.user("few")
}

// asApp makes an instance sign in as the user app.
func (g *guarded) asApp(c *Config) { c.MongoURI = redact.URI(g.server.URIOf("app", password)) }

// prepare is `grapevine prepare` of an administrator.
func (g *guarded) prepare() []string {
	g.t.Helper()
	done, err := (&Connections{MongoURI: redact.URI(g.MongoURI), MongoDatabase: g.Database}).Prepare(g.t.Context())
	require.NoError(g.t, err)
	return done
}

// A user who may not read and write contacts makes the instance not ready, with the missing right. Requests are 503. It
// is ready again when the right is there.
func readinessFollowsTheRights(g *guarded) {
	g.user("readWrite", "dbAdmin")
	i := start(g.t, g.Env, g.asApp)
	expect := func(right string, read int) {
		g.t.Helper()
		eventually(g.t, "the missing right "+right+" is named", func() bool {
			status, p := i.part(partMongoDB)
			return status == 503 && p.State == stateUnauthorized && strings.Contains(p.Message, "the right "+right+" on "+g.Database+".contacts")
		})
		require.Equal(g.t, read, i.get("/contacts").Status)
		require.Equal(g.t, 503, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
	}
	g.user("read")
	expect("update", 200)
	g.user()
	expect("find", 503)
	g.user("readWrite") // all that is made needs no dbAdmin any more
	i.requireWork()
	status, _ := i.part(partMongoDB)
	require.Equal(g.t, 200, status)
}

// A refused sign-in is one sentence in /readyz and in the log, and no piece of the password. The instance works as soon
// as it is accepted.
func aRefusedSignInIsSaidOnce(g *guarded) {
	signIn := func(name, uri, sentence string, mend func()) {
		g.t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log lockedBuffer
			i := launchWithLog(t, g.Env, slog.New(slog.NewTextHandler(&log, nil)), func(c *Config) {
				c.MongoURI, c.MongoDatabase = redact.URI(uri), g.Database+name
			})
			began := time.Now()
			answers := ""
			eventually(t, "the first ten seconds are over", func() bool {
				answers += string(i.get("/readyz").Body) + string(i.get("/contacts").Body)
				i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"})
				return time.Since(began) > 10*time.Second
			})
			status, part := i.part(partMongoDB)
			require.Equal(t, 503, status)
			require.Equal(t, stateUnauthorized, part.State)
			require.Contains(t, part.Message, sentence)
			require.Equal(t, 503, i.get("/contacts").Status)
			require.Equal(t, 503, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
			var loud []string
			for line := range strings.Lines(log.String()) {
				if !strings.Contains(line, "level=INFO") {
					loud = append(loud, line)
				}
			}
			require.Len(t, loud, 1, "%s", strings.Join(loud, ""))
			require.Contains(t, loud[0], sentence)
			for _, piece := range []string{"kq7zvx", "w9jj4"} {
				require.NotContains(t, log.String()+answers, piece)
			}
			if mend != nil {
				mend()
				eventually(t, "the instance is ready", func() bool { status, _ := i.part(partMongoDB); return status == 200 })
			}
		})
	}
	g.user("readWrite")
	plain := strings.Replace(g.server.URIOf("late", password), "&authSource=admin", "", 1)
	const refused, none = "MongoDB refused the user name or the password in MONGO_URI. Check both, and authSource", "MongoDB asks for a user, and MONGO_URI has none."
	signIn("wrong-password", g.server.URIOf("app", "kq7zvx-w9jj4-x"), refused, nil)
	signIn("no-user", strings.Replace(plain, "late:"+password+"@", "", 1), none, nil)
	signIn("authsource-missing", strings.Replace(g.server.URIOf("app", password), "/?replicaSet=rs0&authSource=admin", "/grapevine?replicaSet=rs0", 1), refused, nil)
	signIn("user-comes-late", plain, refused, func() {
		_ = g.admin.RunCommand(context.Background(), bson.D{{Key: "createUser", Value: "late"}, {Key: "pwd", Value: password}, {Key: "roles", Value: bson.A{"readWriteAnyDatabase"}}})
	})
}

// The built-in role readWrite is enough where nothing exists yet.
func readWriteIsEnoughForANewDatabase(g *guarded) {
	g.user("readWrite")
	i := start(g.t, g.Env, g.asApp)
	i.requireWork()
	_, part := i.part(partCollections)
	require.Equal(g.t, stateUp, part.State, part.Message)
}

// After `grapevine prepare` an instance needs seven rights, for its first start too.
func aPreparedDatabaseNeedsFewRights(g *guarded) {
	_, err := g.DB(g.t).Collection(grapevine.CollectionContacts).InsertOne(g.t.Context(), person("Earlier"))
	require.NoError(g.t, err)
	require.Contains(g.t, g.prepare(), "The database "+g.Database+" is ready.")
	g.fewRights()
	i := start(g.t, g.Env, g.asApp)
	i.requireWork()
	_, part := i.part(partCollections)
	require.Equal(g.t, stateUp, part.State, part.Message)
	require.Equal(g.t, 200, i.get("/contacts/search?q=ada").Status)
}

// Only dbAdmin may switch on the images of a collection. The instance says so, and works after `grapevine prepare`.
func imagesNeedARightOnce(g *guarded) {
	_, err := g.DB(g.t).Collection(grapevine.CollectionContacts).InsertOne(g.t.Context(), person("Earlier"))
	require.NoError(g.t, err)
	g.user("readWrite")
	i := launch(g.t, g.Env, g.asApp)
	eventually(g.t, "the right and the command are named", func() bool {
		status, p := i.part(partCollections)
		return status == 503 && p.State == stateUnauthorized && strings.Contains(p.Message, "lacks the right collMod on "+g.Database+".contacts") &&
			strings.Contains(p.Message, "`grapevine prepare`")
	})
	require.Equal(g.t, 503, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
	g.prepare()
	i.requireWork()
	eventually(g.t, "nothing is wrong", func() bool { status, p := i.part(partCollections); return status == 200 && p.Ready })
}

// Without the right to set the validator everything works, and the part collections says what is missing.
func aValidatorNeedsARightOnce(g *guarded) {
	g.prepare()
	require.NoError(g.t, g.DB(g.t).RunCommand(g.t.Context(), bson.D{{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "validator", Value: bson.D{}}}).Err())
	g.user("readWrite")
	i := start(g.t, g.Env, g.asApp)
	i.requireWork()
	eventually(g.t, "the right and the command are named", func() bool {
		status, p := i.part(partCollections)
		return status == 200 && p.State == stateUnauthorized && strings.Contains(p.Message, "lacks the right collMod") && strings.Contains(p.Message, "`grapevine prepare`")
	})
	g.prepare()
	eventually(g.t, "nothing is wrong", func() bool { _, p := i.part(partCollections); return p.Ready })
}

// Without the right to create indexes, a missing one is named, and only what needs it is refused.
func anIndexNeedsARight(g *guarded) {
	g.prepare()
	require.NoError(g.t, g.DB(g.t).Collection(grapevine.CollectionContacts).Indexes().DropOne(g.t.Context(), "in_texts"))
	g.fewRights()
	i := start(g.t, g.Env, g.asApp)
	i.requireWork()
	eventually(g.t, "the index and the right are named", func() bool {
		status, p := i.part(partCollections)
		return status == 200 && p.State == stateUnauthorized && strings.Contains(p.Message, "The index in_texts is missing.") &&
			strings.Contains(p.Message, "the right createIndex")
	})
	require.Equal(g.t, 503, i.get("/contacts/search?q=ada").Status)
	require.Equal(g.t, 200, i.get("/contacts").Status)
	g.prepare()
	eventually(g.t, "the search works", func() bool { return i.get("/contacts/search?q=ada").Status == 200 })
}
