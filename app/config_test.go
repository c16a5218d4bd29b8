package main

import (
	"bytes"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../" + file)
	require.NoError(t, err)
	return string(text)
}

func parse(t *testing.T, args ...string) (*commands, error) {
	t.Helper()
	var cli commands
	parser, err := kong.New(&cli, kong.Exit(func(int) {}), kong.Writers(&bytes.Buffer{}, &bytes.Buffer{}))
	require.NoError(t, err)
	_, err = parser.Parse(args)
	return &cli, err
}

func TestBadSettingIsNamed(t *testing.T) {
	for want, args := range map[string][]string{
		"ADDR":            {"serve", "--addr", "8080"},
		"open to the net": {"serve", "--addr", "0.0.0.0:8080"},
		"ROLES":           {"serve", "--roles", "api,cook"},
		"CACHE_TTL":       {"serve", "--cache-ttl", "5ms"},
		"cache-ttl":       {"serve", "--cache-ttl", "soon"},
		"MAX_STALENESS":   {"serve", "--max-staleness", "0s"},
		"HISTORY":         {"serve", "--history=-1h"},
		"MONGO_URI":       {"serve", "--mongo-uri", "localhost"},
		"MONGO_DB":        {"serve", "--mongo-db", "a.b"},
		"REDIS_URL":       {"serve", "--redis-url", "http://localhost"},
		"MAX_RETRY":       {"serve", "--max-retry", "1"},
		"CONCURRENCY":     {"serve", "--concurrency", "0"},
		"TRUSTED_PROXIES": {"serve", "--trusted-proxies", "10.0.0.1"},
		"log-level":       {"serve", "--log-level", "chatty"},
		"auth":            {"serve", "--auth", "magic"},
	} {
		_, err := parse(t, args...)
		require.ErrorContains(t, err, want)
	}
}

// What only the drivers can judge is named too, and by an error: it once was a panic.
func TestBadAddressOfAServerIsNamed(t *testing.T) {
	for want, where := range map[string]stores{
		"MONGO_URI: ": {MongoURI: "mongodb://host:99999", RedisURL: "redis://127.0.0.1:1"},
		"REDIS_URL: ": {MongoURI: "mongodb://127.0.0.1:1", RedisURL: "redis://127.0.0.1:1/x"},
	} {
		where.MongoDB = "grapevine"
		require.NoError(t, where.Validate())
		_, err := New(settings{stores: where, Addr: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, (&stores{MongoURI: "mongodb://a", MongoDB: "b", RedisURL: "redis://c:99999"}).Validate(), "REDIS_URL: 99999")
}

func TestEverySettingOfTheContractIsAnEnvironmentVariable(t *testing.T) {
	for name, value := range map[string]string{
		"ADDR": "127.0.0.1:1", "MONGO_URI": "mongodb://a", "MONGO_DB": "b", "REDIS_URL": "redis://c", "ROLES": "api,worker",
		"CACHE_TTL": "2s", "MAX_STALENESS": "3s", "HISTORY": "4s", "AUTH": "off", "SMTP_URL": "smtp://d", "LOG_LEVEL": "debug", "LOG_FORMAT": "json",
	} {
		t.Setenv(name, value)
	}
	cli, err := parse(t, "serve")
	require.NoError(t, err)
	s := cli.Serve.settings
	require.Equal(t, []any{"127.0.0.1:1", "mongodb://a", "b", "redis://c", []string{"api", "worker"}, 2 * time.Second, 3 * time.Second, 4 * time.Second, "off", "smtp://d", "json"},
		[]any{s.Addr, s.MongoURI, s.MongoDB, s.RedisURL, s.Roles, s.CacheTTL, s.MaxStaleness, s.History, s.Auth, s.SMTPURL, s.LogFormat})
}

func TestOpenToTheNetworkOnlyWhenAskedFor(t *testing.T) {
	_, err := parse(t, "serve", "--addr", "0.0.0.0:8080", "--insecure")
	require.NoError(t, err)
	for _, addr := range []string{"127.0.0.1:0", "localhost:1", "[::1]:1"} {
		_, err := parse(t, "serve", "--addr", addr)
		require.NoError(t, err, addr)
	}
}

func TestLogsHoldNoPassword(t *testing.T) {
	require.Equal(t, "mongodb://u:xxxxx@h/db", shown("mongodb://u:secret@h/db"))
}
