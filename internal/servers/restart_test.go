package servers_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/servers"
)

func TestMongodKeepsItsDataOnAnotherPortAndAfterARestart(t *testing.T) {
	ctx, dir := context1m(t), t.TempDir()
	m, err := servers.StartMongod(ctx, mongodProgram(t), dir, 0)
	require.NoError(t, err)
	_, err = mongoClient(t, m.URI).Database("d").Collection("c").InsertOne(ctx, bson.D{{Key: "_id", Value: 1}})
	require.NoError(t, err)
	count := func(m *servers.Mongod) int64 {
		n, err := mongoClient(t, m.URI).Database("d").Collection("c").CountDocuments(ctx, bson.D{})
		require.NoError(t, err)
		return n
	}
	require.ErrorContains(t, m.Restart(ctx), "still running")
	m.Kill()
	require.NoError(t, m.Restart(ctx))
	require.EqualValues(t, 1, count(m))
	m.Kill()

	other, err := servers.StartMongod(ctx, mongodProgram(t), dir, 0)
	require.NoError(t, err)
	defer other.Kill()
	require.NotEqual(t, m.Port, other.Port)
	require.EqualValues(t, 1, count(other))
}

func TestRedisKeepsItsDataAfterARestart(t *testing.T) {
	ctx := context1m(t)
	r := startRedis(t)
	client := redisClient(t, fmt.Sprintf("127.0.0.1:%d", r.Port))
	require.NoError(t, client.Set(ctx, "k", "v", 0).Err())
	require.NoError(t, r.Stop(ctx))
	require.NoError(t, r.Restart(ctx))
	require.Eventually(t, func() bool { return client.Get(ctx, "k").Val() == "v" }, wait, tick)
	require.Equal(t, "noeviction", client.ConfigGet(ctx, "maxmemory-policy").Val()["maxmemory-policy"])
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, err = servers.StartRedis(context1m(t), redisProgram(t), t.TempDir(), taken.Addr().(*net.TCPAddr).Port)
	require.ErrorContains(t, err, "ended at start")
}

// The other server answers before the child notices that the port is taken.
func TestAnotherServerOnThePortIsNotMistakenForTheChild(t *testing.T) {
	stranger := startRedis(t)
	_, err := servers.StartRedis(context1m(t), redisProgram(t), t.TempDir(), stranger.Port)
	require.ErrorContains(t, err, "ended at start")
	require.NoError(t, redisClient(t, fmt.Sprintf("127.0.0.1:%d", stranger.Port)).Ping(t.Context()).Err())
}
