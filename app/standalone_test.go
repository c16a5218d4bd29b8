package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
	"grapevine/internal/servers"
)

// The default MONGO_URI names a replica set, and the driver ignores a mongod without one. The start must
// not wait for ever: it names the reason.
func TestStandaloneMongodWhereAReplicaSetIsNamed(t *testing.T) {
	env := realtest.New(t)
	program, err := servers.FindMongod(t.Context())
	require.NoError(t, err)
	port, err := servers.FreePort()
	require.NoError(t, err)
	data := filepath.Join(t.TempDir(), "db")
	require.NoError(t, os.MkdirAll(data, 0o750))
	alone, err := servers.Start("mongod", program.Path, []string{"--bind_ip", "127.0.0.1", "--port", strconv.Itoa(port), "--dbpath", data}, filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	t.Cleanup(alone.Kill)

	s := defaults(env)
	s.MongoURI = redact.URI("mongodb://127.0.0.1:" + strconv.Itoa(port) + "/?replicaSet=rs0")
	app, err := New(s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.ErrorContains(t, app.Run(ctx), "rs.initiate()")
}
