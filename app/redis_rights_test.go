package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
	"grapevine/internal/redisx"
	"grapevine/internal/servers"
)

// restricted makes a Redis server with a user app that has these rights, and returns it with the user's URL.
func restricted(t *testing.T, rights string, args ...string) (admin *redis.Client, url redact.URI) {
	t.Helper()
	server := realtest.StartRedis(t, args...)
	admin = redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(server.Port)})
	t.Cleanup(func() { _ = admin.Close() })
	grant(t, admin, rights)
	return admin, redact.URI(strings.Replace(server.URL, "://", "://app:"+password+"@", 1))
}

// grant replaces the rights of the user app.
func grant(t *testing.T, admin *redis.Client, rights string) {
	t.Helper()
	command := []any{"ACL", "SETUSER", "app", "reset", "on", ">" + password}
	for right := range strings.FieldsSeq(rights) {
		command = append(command, right)
	}
	require.NoError(t, admin.Do(t.Context(), command...).Err())
}

func TestRightsInRedis(t *testing.T) {
	admin, url := restricted(t, redisx.NeededRights)
	as := func(c *Config) { c.RedisURL = url }

	t.Run("the documented list is enough", func(t *testing.T) {
		i := start(t, realtest.New(t), as)
		i.requireWork()
		for _, path := range []string{"/contacts", "/contacts/stats/tags", "/inspect", "/inspect/info", "/jobs", "/metrics"} {
			require.Equal(t, 200, i.get(path).Status, path)
		}
		for _, name := range []string{partRedis, partJobs, partFollowing, partWatcher} {
			_, part := i.part(name)
			require.True(t, part.Ready, name+": "+part.Message)
		}
		i.stop()
		refused, err := admin.Do(t.Context(), "ACL", "LOG").Slice()
		require.NoError(t, err)
		require.Empty(t, refused)
	})

	t.Run("without our queues", func(t *testing.T) {
		grant(t, admin, "~grapevine:* +@all")
		i := launch(t, realtest.New(t), as) // no change is applied without its job
		eventually(t, "jobs are not ready", func() bool {
			status, p := i.part(partJobs)
			return status == 200 && p.State == stateUnauthorized && strings.Contains(p.Message, redisx.NeededRights)
		})
		require.Equal(t, 201, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
		grant(t, admin, redisx.NeededRights)
		i.requireWork()
		eventually(t, "jobs are ready", func() bool { _, p := i.part(partJobs); return p.Ready })
	})

	t.Run("without INFO", func(t *testing.T) {
		grant(t, admin, strings.Replace(redisx.NeededRights, " +info", "", 1))
		var log lockedBuffer
		i := launchWithLog(t, realtest.New(t), slog.New(slog.NewTextHandler(&log, nil)), as)
		i.requireWork()
		_, part := i.part(partRedis)
		require.True(t, part.Ready)
		require.Contains(t, part.Message, "maxmemory-policy cannot be read, because the user of REDIS_URL may not run INFO")
		require.Equal(t, 1, strings.Count(log.String(), "maxmemory-policy"), log.String())
		require.NotContains(t, log.String(), "waiting for Redis")
	})

	t.Run("a refused sign-in", func(t *testing.T) {
		grant(t, admin, redisx.NeededRights)
		i := launch(t, realtest.New(t), func(c *Config) { c.RedisURL = redact.URI(strings.Replace(url.Reveal(), password, password+"x", 1)) })
		eventually(t, "Redis says so, and contacts are served", func() bool {
			status, p := i.part(partRedis)
			return status == 200 && p.State == stateUnauthorized && strings.Contains(p.Message, "Redis refused the user name or the password in REDIS_URL.")
		})
		require.Equal(t, 201, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
	})
}

// refusedStart is the error of an instance that does not start.
func refusedStart(t *testing.T, url redact.URI) error {
	t.Helper()
	s := defaults(realtest.New(t))
	s.RedisURL = url
	app, err := New(s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return app.Run(ctx)
}

// A node of a Cluster says so in HELLO, which no access list can refuse, where it refuses INFO.
func TestRedisClusterIsRefusedWithFewRights(t *testing.T) {
	_, url := restricted(t, "~* &* +@all -@dangerous", "--cluster-enabled", "yes")
	require.ErrorContains(t, refusedStart(t, url), "Redis Cluster")
}

// A Sentinel answers like a Redis, and holds no data. The error names the scheme that follows it.
func TestSentinelInPlaceOfRedisIsRefused(t *testing.T) {
	program, err := servers.FindRedis(t.Context())
	require.NoError(t, err)
	port, err := servers.FreePort()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	require.NoError(t, os.WriteFile(file, []byte("bind 127.0.0.1\nport "+strconv.Itoa(port)+"\n"), 0o600))
	sentinel, err := servers.Start("sentinel", program.Path, []string{file, "--sentinel"}, filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	t.Cleanup(sentinel.Kill)
	for _, database := range []string{"", "/3"} {
		url := redact.URI("redis://127.0.0.1:" + strconv.Itoa(port) + database)
		require.ErrorContains(t, refusedStart(t, url), "redis-sentinel://", database)
	}
}
