package realtest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/servers"
)

// StartMongod starts a mongod of the test's own, which the test may hang or kill. args are further arguments of the program.
func StartMongod(t testing.TB, args ...string) *servers.Mongod {
	t.Helper()
	program, err := servers.FindMongod(t.Context())
	require.NoError(t, err)
	mongod, err := servers.StartMongod(t.Context(), program, t.TempDir(), 0, args...)
	require.NoError(t, err)
	t.Cleanup(mongod.Kill)
	return mongod
}

// Connect returns a client of a MongoDB, which may be away when the test ends.
func Connect(t testing.TB, uri string) *mongo.Client {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = client.Disconnect(ctx)
	})
	return client
}
