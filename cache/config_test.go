package cache_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
	"grapevine/internal/redisx"
)

func TestConfigNamesTheFieldThatIsWrong(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	t.Cleanup(func() { _ = rdb.Close() })
	_, err := cache.New(rdb, cache.Config{})
	require.ErrorContains(t, err, "cache.Config.Prefix:")
	for field, config := range map[string]cache.Config{
		"TTL":         {TTL: -time.Second},
		"Timeout":     {Timeout: time.Microsecond},
		"LoadTimeout": {LoadTimeout: -1},
		"MaxFields":   {MaxFields: -1},
		"MaxScope":    {MaxScope: -1},
		"MaxValue":    {MaxValue: -1},
	} {
		config.Prefix = prefix
		_, err := cache.New(rdb, config)
		require.ErrorContains(t, err, "cache.Config."+field+":")
	}
}

func TestOptionsKeepWhatTheURLSays(t *testing.T) {
	server, err := redisx.Parse("redis://:secret@example.com:7000/3?pool_size=7&read_timeout=5s")
	require.NoError(t, err)
	rdb := server.CacheClient()
	t.Cleanup(func() { _ = rdb.Close() })
	opt := rdb.Options()
	require.Equal(t, "example.com:7000", opt.Addr)
	require.Equal(t, 3, opt.DB)
	require.Equal(t, 7, opt.PoolSize)
	require.Equal(t, 5*time.Second, opt.ReadTimeout)
	require.Equal(t, 100*time.Millisecond, opt.DialTimeout)
	require.Zero(t, opt.MaxRetries)
	require.True(t, opt.ContextTimeoutEnabled)

	_, err = redisx.Parse("http://example.com")
	require.Error(t, err)
}

func TestAClientThatIgnoresDeadlinesIsNamed(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	t.Cleanup(func() { _ = rdb.Close() })
	var log logBuffer
	_, err := cache.New(rdb, cache.Config{Prefix: prefix, Logger: log.logger()})
	require.NoError(t, err)
	require.Equal(t, 1, log.count("CacheClient"))
}

func TestMetricsShowTheStats(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	c := open(t, realtest.New(t).RedisURL, cache.Config{Registerer: registry})
	want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheStored)
	want(t, c, "contact:1", "x", never, "ada", grapevine.CacheHit)
	apply(t, c, updated("1", "w", at(1)), grapevine.Change{Op: grapevine.Resync, Position: at(2)})
	families, err := registry.Gather()
	require.NoError(t, err)
	got := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := []string{family.GetName()}
			for _, label := range m.GetLabel() {
				name = append(name, label.GetValue())
			}
			got[strings.Join(name, " ")] = m.GetCounter().GetValue()
		}
	}
	require.Equal(t, map[string]float64{
		"grapevine_cache_reads_total hit": 1, "grapevine_cache_reads_total miss": 1, "grapevine_cache_reads_total bypass": 0,
		"grapevine_cache_fills_total stored": 1, "grapevine_cache_fills_total refused": 0, "grapevine_cache_fills_total full": 0,
		"grapevine_cache_fills_total too_large": 0, "grapevine_cache_fills_total failed": 0,
		"grapevine_cache_forgotten_scopes_total": 2, "grapevine_cache_purges_total": 1, "grapevine_cache_fell_back_total": 0,
	}, got)
}
