package app

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/api"
	"grapevine/internal/realtest"
	"grapevine/internal/redact"
	"grapevine/internal/servers"
)

// A user who may not read and write contacts makes the instance not ready, with the missing right. Requests are 503. It
// is ready again when the right is there.
func TestReadinessFollowsTheRightsOfTheUser(t *testing.T) {
	program, err := servers.FindMongod(t.Context())
	require.NoError(t, err)
	m, err := servers.StartMongodWithAuth(t.Context(), program, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(m.Kill)
	root, err := mongo.Connect(options.Client().ApplyURI(m.URIOf(servers.RootUser, servers.RootPassword)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Disconnect(context.Background()) })
	admin := root.Database("admin")
	env := realtest.New(t)
	roles := func(command string, names ...string) {
		t.Helper()
		granted := bson.A{}
		for _, name := range names {
			granted = append(granted, bson.D{{Key: "role", Value: name}, {Key: "db", Value: env.Database}})
		}
		user := bson.D{{Key: command, Value: "app"}, {Key: "roles", Value: granted}}
		if command == "createUser" {
			user = append(user, bson.E{Key: "pwd", Value: "secret-word"})
		}
		require.NoError(t, admin.RunCommand(t.Context(), user).Err())
	}
	roles("createUser", "readWrite", "dbAdmin")
	i := start(t, env, func(c *Config) { c.MongoURI = redact.URI(m.URIOf("app", "secret-word")) })

	part := func() (int, api.PartHealth) {
		a := i.get("/readyz")
		require.NotContains(t, string(a.Body), "secret-word")
		var r api.Readiness
		require.NoError(t, json.Unmarshal(a.Body, &r))
		return a.Status, r.Parts[partMongoDB]
	}
	expect := func(right string, read int) {
		t.Helper()
		eventually(t, "the missing right "+right+" is named", func() bool {
			status, p := part()
			return status == 503 && p.State == stateUnauthorized && strings.Contains(p.Message, "the right "+right+" on "+env.Database+".contacts")
		})
		require.Equal(t, read, i.get("/contacts").Status)
		require.Equal(t, 503, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
	}
	roles("updateUser", "read")
	expect("update", 200)
	roles("updateUser")
	expect("find", 503)
	roles("updateUser", "readWrite") // all that is made needs no dbAdmin any more
	eventually(t, "the instance is ready again", func() bool { status, _ := part(); return status == 200 })
	require.Equal(t, 201, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
}
