package app

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
	"grapevine/internal/servers"
)

// A replica set that is initiated after the instance started is named until then, and one of another name for as long as
// MONGO_URI is wrong. /readyz says which, and requests are 503.
func TestReplicaSetThatIsNotTheOneOfTheAddress(t *testing.T) {
	t.Parallel()
	program, err := servers.FindMongod(t.Context())
	require.NoError(t, err)
	port, err := servers.FreePort()
	require.NoError(t, err)
	data := filepath.Join(t.TempDir(), "db")
	require.NoError(t, os.MkdirAll(data, 0o750))
	host := "127.0.0.1:" + strconv.Itoa(port)
	mongod, err := servers.Start("mongod", program.Path, []string{"--bind_ip", "127.0.0.1", "--port", strconv.Itoa(port), "--dbpath", data, "--replSet", "rsA"}, filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	t.Cleanup(mongod.Kill)
	env := realtest.New(t)
	env.MongoURI = "mongodb://" + host + "/?directConnection=true"
	client, err := mongo.Connect(options.Client().ApplyURI(env.MongoURI))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(t.Context()) })

	right := launch(t, env, func(c *Config) { c.MongoURI = redact.URI("mongodb://" + host + "/?replicaSet=rsA") })
	wrong := launch(t, env, func(c *Config) { c.MongoURI = redact.URI("mongodb://" + host + "/?replicaSet=rs0") })
	says := func(i *instance, sentence string) {
		t.Helper()
		eventually(t, sentence, func() bool {
			status, p := i.part(partMongoDB)
			return status == 503 && p.State == stateUnreachable && strings.Contains(p.Message, sentence)
		})
		require.Equal(t, 503, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
	}
	says(right, "is not part of a replica set yet. Run rs.initiate() on it once.")
	says(wrong, "is not part of a replica set yet. Run rs.initiate() on it once.")
	require.NoError(t, client.Database("admin").RunCommand(t.Context(), bson.D{{Key: "replSetInitiate", Value: bson.D{
		{Key: "_id", Value: "rsA"}, {Key: "members", Value: bson.A{bson.D{{Key: "_id", Value: 0}, {Key: "host", Value: host}}}},
	}}}).Err())
	right.requireWork()
	says(wrong, "The mongod at "+host+" is of the set rsA, and MONGO_URI says rs0. Write replicaSet=rsA.")
}
