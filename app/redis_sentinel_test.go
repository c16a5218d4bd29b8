package app

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
	"grapevine/internal/servers"
)

// Three Sentinels name the primary. When it dies, they make its replica the primary, and the instance follows: the event
// log, the queue and the checkpoint go on there.
func TestSentinelsNameThePrimary(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	program, err := servers.FindRedis(t.Context())
	require.NoError(t, err)
	startRedis := func(args ...string) *servers.Redis {
		r := realtest.StartRedis(t, append(args, "--masterauth", "p/w", "--repl-diskless-sync-delay", "0")...)
		open := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(r.Port)})
		defer open.Close()
		require.NoError(t, open.ConfigSet(t.Context(), "requirepass", "p/w").Err())
		return r
	}
	primary := startRedis()
	replica := startRedis("--replicaof", "127.0.0.1 "+strconv.Itoa(primary.Port))
	var sentinels []string
	for range 3 {
		port, err := servers.FreePort()
		require.NoError(t, err)
		dir := t.TempDir()
		file := filepath.Join(dir, "sentinel.conf")
		require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
bind 127.0.0.1
port %d
dir %s
sentinel monitor mymaster 127.0.0.1 %d 2
sentinel auth-pass mymaster p/w
sentinel down-after-milliseconds mymaster 500
sentinel failover-timeout mymaster 3000
requirepass watch
`, port, dir, primary.Port), 0o600))
		sentinel, err := servers.Start("sentinel", program.Path, []string{file, "--sentinel"}, filepath.Join(dir, "log"))
		require.NoError(t, err)
		t.Cleanup(sentinel.Kill)
		sentinels = append(sentinels, "127.0.0.1:"+strconv.Itoa(port))
	}
	ask := redis.NewSentinelClient(&redis.Options{Addr: sentinels[0], Password: "watch"})
	t.Cleanup(func() { _ = ask.Close() })
	eventually(t, "the Sentinels know each other and the replica", func() bool {
		others, err := ask.Sentinels(t.Context(), "mymaster").Result()
		replicas, replicasErr := ask.Replicas(t.Context(), "mymaster").Result()
		return err == nil && replicasErr == nil && len(others) == 2 && len(replicas) == 1 && replicas[0]["master-link-status"] == "ok"
	})

	url := "redis-sentinel://:p%2Fw@" + strings.Join(sentinels, ",") + "/mymaster/3?sentinel_password=watch"
	i := start(t, env, func(c *Config) { c.RedisURL = redact.URI(url) })
	create := func(name string) {
		require.Equal(t, http.StatusCreated, i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": name}).Status)
	}
	entries := func(r *servers.Redis) int64 {
		rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(r.Port), Password: "p/w", DB: 3})
		defer rdb.Close()
		n, _ := rdb.XLen(t.Context(), i.config.KeyPrefix()+"events").Result()
		return n
	}
	create("Ada")
	eventually(t, "the event is in the primary and in its replica", func() bool { return entries(primary) > 0 && entries(replica) > 0 })
	require.NotContains(t, i.get("/inspect/info").Body, "p%2Fw")

	primary.Kill()
	create("Grace")
	eventually(t, "the instance follows the new primary", func() bool {
		r := i.ready(t.Context())
		return r.Parts[partWatcher].Ready && r.Parts[partFollowing].Ready && r.Parts[partRedis].Ready
	})
	before := entries(replica)
	create("Edsger")
	eventually(t, "the event is in the new primary", func() bool { return entries(replica) > before })
}

func TestAnAddressOfSentinelsNamesThePrimary(t *testing.T) {
	for url, want := range map[redact.URI]string{
		"redis-sentinel://a:1,b":           "name the primary",
		"redis-sentinel://a:1,b/":          "name the primary",
		"redis-sentinel://:p/w@a/mymaster": "percent-encode",
		"redis-sentinel://a,,b/mymaster":   "address of a Sentinel is missing",
		"redis-sentinel:///mymaster":       "address of a Sentinel is missing",
		"redis-sentinel://a/mymaster/x":    "database number",
		"redis-sentinel://a:x/mymaster":    "port",
		"redis-sentinel://a/mymaster?b=c":  "unexpected option: b",
	} {
		_, err := (&Connections{RedisURL: url}).parseRedisURL()
		require.ErrorContains(t, err, "REDIS_URL: ", url.Reveal())
		require.ErrorContains(t, err, want, url.Reveal())
	}
	for _, url := range []redact.URI{"redis-sentinel://a/mymaster", "rediss-sentinel://u:p@[::1],[::2]:7/mymaster/3?pool_size=9&sentinel_username=s&sentinel_password=t"} {
		_, err := (&Connections{RedisURL: url}).parseRedisURL()
		require.NoError(t, err)
	}
}
