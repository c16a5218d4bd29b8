//go:build docker

package realtest

import (
	"context"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/servers"
)

// Where no program of a server can be had, the images take its place: they keep their data in the folder, and can
// hang, be killed and start again.
func TestImagesTakeThePlaceOfPrograms(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	docker, err := exec.LookPath("docker")
	require.NoError(t, err)

	m, err := servers.StartMongod(ctx, servers.Program{Path: docker, Image: servers.MongoImage}, t.TempDir(), 0)
	require.NoError(t, err)
	t.Cleanup(func() { m.Kill() })
	client, err := mongo.Connect(options.Client().ApplyURI(m.URI))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	contacts := client.Database("test").Collection("contacts")
	_, err = contacts.InsertOne(ctx, bson.D{{Key: "firstName", Value: "Ada"}})
	require.NoError(t, err)
	require.NoError(t, m.Stop(ctx))
	require.NoError(t, m.Restart(ctx))
	require.NoError(t, contacts.FindOne(ctx, bson.D{{Key: "firstName", Value: "Ada"}}).Err(), "the data is kept")

	r, err := servers.StartRedis(ctx, servers.Program{Path: docker, Image: servers.RedisImage}, t.TempDir(), 0, "--appendfsync", "always")
	require.NoError(t, err)
	t.Cleanup(func() { r.Kill() })
	opt, err := redis.ParseURL(r.URL)
	require.NoError(t, err)
	opt.ContextTimeoutEnabled = true
	db := redis.NewClient(opt)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Set(ctx, "name", "Ada", 0).Err())
	require.NoError(t, r.Signal(syscall.SIGSTOP))
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	require.Error(t, db.Ping(short).Err(), "it hangs")
	require.NoError(t, r.Signal(syscall.SIGCONT))
	r.Kill()
	require.NoError(t, r.Restart(ctx))
	require.Equal(t, "Ada", db.Get(ctx, "name").Val(), "the data is kept")
}
