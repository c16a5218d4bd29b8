package servers_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"grapevine/internal/servers"
)

func TestMain(m *testing.M) {
	// The test binary runs itself as the parent process that is killed, see death_test.go.
	if dir := os.Getenv("GRAPEVINE_TEST_PARENT"); dir != "" {
		parent(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

func context1m(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func mongodProgram(t testing.TB) servers.Program {
	t.Helper()
	program, err := servers.FindMongod(context1m(t))
	require.NoError(t, err)
	return program
}

func redisProgram(t testing.TB) servers.Program {
	t.Helper()
	program, err := servers.FindRedis(context1m(t))
	require.NoError(t, err)
	return program
}

func startRedis(t testing.TB) *servers.Redis {
	t.Helper()
	r, err := servers.StartRedis(context1m(t), redisProgram(t), t.TempDir(), 0)
	require.NoError(t, err)
	t.Cleanup(func() { r.Kill() })
	return r
}

func redisClient(t testing.TB, addr string) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{
		Addr: addr, MaxRetries: -1, ContextTimeoutEnabled: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func mongoClient(t testing.TB, uri string) *mongo.Client {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	t.Cleanup(func() {
		// Without a timeout it waits half a minute for a server that was killed.
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = client.Disconnect(ctx)
	})
	return client
}
