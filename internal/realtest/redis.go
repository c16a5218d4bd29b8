package realtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/servers"
)

// StartRedis starts a Redis of the test's own, which the test may hang or kill. args are further arguments of the program.
func StartRedis(t testing.TB, args ...string) *servers.Redis {
	t.Helper()
	program, err := servers.FindRedis(t.Context())
	require.NoError(t, err)
	server, err := servers.StartRedis(t.Context(), program, t.TempDir(), 0, args...)
	require.NoError(t, err)
	t.Cleanup(server.Kill)
	return server
}
