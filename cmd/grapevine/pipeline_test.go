package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/servers"
)

// output runs a command as main does, and returns its output and its error.
func output(t *testing.T, args ...string) (string, error) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	parsed, err := parseCommandLine(newTestParser(&commands{}, &bytes.Buffer{}), args)
	require.NoError(t, err)
	parsed.BindTo(t.Context(), (*context.Context)(nil))
	failure := parsed.Run()
	require.NoError(t, w.Close())
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text), failure
}

func TestEmptyListsSaySo(t *testing.T) {
	env := realtest.New(t)
	for want, args := range map[string][]string{"no gaps\n": {"gaps"}, "no dead changes\n": {"pipeline", "dead", "list"}} {
		got, err := output(t, append(args, "--mongo-uri", env.MongoURI, "--mongo-db", env.Database, "--redis-url", env.RedisURL)...)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// The default addresses are not those of make run.
func TestStatusSaysWhereTheServersOfMakeRunAre(t *testing.T) {
	port, err := servers.FreePort()
	require.NoError(t, err)
	nobody := fmt.Sprintf("127.0.0.1:%d", port)
	_, err = output(t, "pipeline", "status", "--mongo-uri", "mongodb://"+nobody+"/?serverSelectionTimeoutMS=100", "--redis-url", "redis://"+nobody)
	require.ErrorContains(t, err, "if make run started MongoDB, set MONGO_URI to the address that it printed")
	require.ErrorContains(t, err, "if make run started Redis, set REDIS_URL to the address that it printed")
}
