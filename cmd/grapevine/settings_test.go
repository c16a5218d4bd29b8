package main

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"grapevine/internal/redact"
)

func parse(t *testing.T, args ...string) (*commands, error) {
	t.Helper()
	var cli commands
	_, err := parseCommandLine(newTestParser(&cli, &bytes.Buffer{}), args)
	return &cli, err
}

func newTestParser(cli *commands, to io.Writer) *kong.Kong {
	return newParser(cli, kong.Exit(func(int) {}), kong.Writers(to, to))
}

func TestBadSettingIsNamed(t *testing.T) {
	for want, args := range map[string][]string{
		"ADDR":              {"serve", "--addr", "8080"},
		"open to the net":   {"serve", "--addr", "0.0.0.0:8080"},
		"ROLES":             {"serve", "--roles", "api,cook"},
		"CACHE_TTL":         {"serve", "--cache-ttl", "5ms"},
		"cache-ttl":         {"serve", "--cache-ttl", "soon"},
		"MAX_STALENESS":     {"serve", "--max-staleness", "2s"},
		"EVENT_RETENTION":   {"serve", "--event-retention=-1h"},
		"MONGO_URI":         {"serve", "--mongo-uri", "localhost"},
		"MONGO_DB":          {"serve", "--mongo-db", "a.b"},
		"MONGO_DB: x-low":   {"serve", "--mongo-db", "x-low"},
		"MAIL_RATE":         {"serve", "--mail-rate=-1"},
		"--welcome":         {"serve", "--welcome", "some"},
		"MONGO_DB: local":   {"serve", "--mongo-db", "local"},
		`ADDR: "[::1]:"`:    {"serve", "--addr", "[::1]:"},
		"ALLOWED_HOSTS":     {"serve", "--allowed-hosts", "example.org:8080"},
		"PER_CLIENT":        {"serve", "--per-client", "NaN"},
		"PER_CLIENT: +Inf":  {"serve", "--per-client", "Inf"},
		"--contacts: -1":    {"dev", "--contacts=-1"},
		"ROLES: ":           {"dev", "--roles", "cook"},
		"EVENT_RETENTION: ": {"dev", "--event-retention", "1ms"},
		"REDIS_URL":         {"serve", "--redis-url", "http://localhost"},
		"MAX_RETRY":         {"serve", "--max-retry", "1"},
		"CONCURRENCY":       {"serve", "--concurrency", "0"},
		"CONCURRENCY: 1001": {"serve", "--concurrency", "1001"},
		"TRUSTED_PROXIES":   {"serve", "--trusted-proxies", "10.0.0.300"},
		"log-level":         {"serve", "--log-level", "chatty"},
		"auth":              {"serve", "--auth", "magic"},
	} {
		_, err := parse(t, args...)
		require.ErrorContains(t, err, want)
	}
}

func TestEverySettingOfTheContractIsAnEnvironmentVariable(t *testing.T) {
	for name, value := range map[string]string{
		"ADDR": "127.0.0.1:1", "MONGO_URI": "mongodb://a", "MONGO_DB": "b", "REDIS_URL": "redis://c", "ROLES": "api,worker",
		"CACHE_TTL": "2s", "MAX_STALENESS": "3s", "EVENT_RETENTION": "4s", "AUTH": "off", "SMTP_URL": "smtp://d", "LOG_LEVEL": "debug", "LOG_FORMAT": "json",
	} {
		t.Setenv(name, value)
	}
	cli, err := parse(t, "serve")
	require.NoError(t, err)
	s := cli.Serve.settings
	require.Equal(t, []any{"127.0.0.1:1", redact.URI("mongodb://a"), "b", redact.URI("redis://c"), []string{"api", "worker"}, 2 * time.Second, 3 * time.Second, 4 * time.Second, "off", redact.URI("smtp://d"), "json"},
		[]any{s.Addr, s.MongoURI, s.MongoDatabase, s.RedisURL, s.Roles, s.CacheTTL, s.MaxStaleness, s.EventRetention, s.Auth, s.SMTPURL, s.LogFormat})
}

// A mistyped origin would refuse the page it was meant for, and no browser shows the reason.
func TestOriginsAreThoseABrowserSends(t *testing.T) {
	for _, origin := range []string{"*", "https://example.org", "http://localhost:3000", "http://[::1]:8080", "https://xn--bcher-kva.example:8443"} {
		_, err := parse(t, "serve", "--origins", origin)
		require.NoError(t, err, origin)
	}
	for _, origin := range []string{
		"example.org", "localhost:3000", "https://", "https://example.org/", "https://example.org/app", "ftp://example.org",
		"https://example.org:443", "http://example.org:80", "https://example.org:", "https://example.org:99999", "https://user@example.org",
		"https://example.org?x", "HTTPS://example.org", "https://bücher.example", "null", "https://*.example.org",
	} {
		_, err := parse(t, "serve", "--origins="+origin)
		require.ErrorContains(t, err, "ORIGINS: ", origin)
	}
}

// dev starts the servers that are not named. Every other setting is that of serve.
func TestDevTakesEverySetting(t *testing.T) {
	cli, err := parse(t, "dev")
	require.NoError(t, err)
	require.Empty(t, cli.Dev.MongoURI)
	require.Empty(t, cli.Dev.RedisURL)
	require.Equal(t, "text", cli.Dev.LogFormat)
	require.Zero(t, cli.Dev.Drain, "Ctrl-C ends it at once")
	serve, err := parse(t, "serve")
	require.NoError(t, err)
	same := serve.Serve.settings
	same.MongoURI, same.RedisURL, same.LogFormat, same.Drain = "", "", "text", 0
	require.Equal(t, same, cli.Dev.settings)

	t.Setenv("CACHE_TTL", "2s")
	t.Setenv("ROLES", "api")
	t.Setenv("REDIS_URL", "redis://c")
	cli, err = parse(t, "dev", "--mongo-db", "other", "--log-format", "json")
	require.NoError(t, err)
	require.Equal(t, []any{2 * time.Second, []string{"api"}, redact.URI("redis://c"), "other", "json"},
		[]any{cli.Dev.CacheTTL, cli.Dev.Roles, cli.Dev.RedisURL, cli.Dev.MongoDatabase, cli.Dev.LogFormat})
}

func TestOpenToTheNetworkOnlyWhenAskedFor(t *testing.T) {
	_, err := parse(t, "serve", "--addr", "0.0.0.0:8080", "--insecure")
	require.NoError(t, err)
	for _, addr := range []string{"127.0.0.1:0", "localhost:1", "[::1]:1"} {
		_, err := parse(t, "serve", "--addr", addr)
		require.NoError(t, err, addr)
	}
}
