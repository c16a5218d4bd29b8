package app

import (
	"log/slog"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
)

// A MongoDB that accepts connections and never answers is unreachable. It must not use up the time of the other
// parts, which would look unreachable as well.
func TestAPartThatHangsDoesNotMakeTheOthersLookUnreachable(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	s := defaults(realtest.New(t))
	s.MongoURI = redact.URI("mongodb://" + silent.Addr().String() + "/?directConnection=true")
	app, err := New(s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer app.Close()

	r := app.ready(t.Context())
	require.False(t, r.Ready)
	require.Equal(t, "unreachable", r.Parts["mongodb"].State)
	require.Equal(t, "unknown", r.Parts["gaps"].State)
	require.Equal(t, "up", r.Parts["redis"].State)
	require.Equal(t, "up", r.Parts["jobs"].State)
}
