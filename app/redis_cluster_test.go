package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
)

// Our scripts and Asynq's use several keys at once, which a Redis Cluster refuses. An instance that did not
// check this at the start would retry for ever.
func TestRedisClusterIsRefused(t *testing.T) {
	env := realtest.New(t)
	cluster := realtest.StartRedis(t, "--cluster-enabled", "yes")
	for _, database := range []string{"", "/3"} {
		s := defaults(env)
		s.RedisURL = redact.URI(cluster.URL + database)
		app, err := New(s, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err = app.Run(ctx)
		require.ErrorContains(t, err, "REDIS_URL: ")
		require.ErrorContains(t, err, "Redis Cluster")
	}
}
