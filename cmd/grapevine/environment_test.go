package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/redact"
)

func TestWhatSurroundsAValueIsRemoved(t *testing.T) {
	for _, text := range []string{
		"other", " other", "other\n", "other\r\n", "\tother \n\n", "\ufeffother", "\ufeff other\r\n", `"other"`, `'other'`, " \"other\"\n", "\" other \"", "\u00a0other\u200b",
	} {
		t.Setenv("MONGO_DB", text)
		t.Setenv("CACHE_TTL", strings.Replace(text, "other", "7s", 1))
		t.Setenv("INSECURE", strings.Replace(text, "other", "TRUE", 1))
		t.Setenv("PER_CLIENT", strings.Replace(text, "other", "2.5", 1))
		cli, err := parse(t, "serve", "--addr="+strings.Replace(text, "other", "0.0.0.0:1", 1), "--concurrency", strings.Replace(text, "other", "7", 1))
		require.NoError(t, err, "%q", text)
		s := cli.Serve.settings
		require.Equal(t, []any{"other", "7s", true, 2.5, "0.0.0.0:1", 7}, []any{s.MongoDatabase, s.CacheTTL.String(), s.Insecure, s.PerClient, s.Addr, s.Concurrency}, "%q", text)
		cli, err = parse(t, "seed", "--mongo-db="+text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, "other", cli.Seed.MongoDatabase)
	}
}

func TestAnInvisibleCharacterIsRefusedByName(t *testing.T) {
	for _, inside := range []string{"a\nb", "a\r\nb", "a\tb", "a\x1bb", "a\u200bb", "a\u202eb", "a\ufeffb"} {
		_, err := parse(t, "serve", "--mongo-db="+inside)
		require.ErrorContains(t, err, "--mongo-db: it holds a line break", "%q", inside)
		_, err = parse(t, "serve", "--redis-url", inside)
		require.ErrorContains(t, err, "--redis-url: it holds a line break", "%q", inside)
		t.Setenv("MONGO_URI", inside)
		_, err = parse(t, "serve")
		require.ErrorContains(t, err, "MONGO_URI: it holds a line break", "%q", inside)
		t.Setenv("MONGO_URI", "")
	}
	_, err := parse(t, "serve", "--mongo-db=a\xffb")
	require.ErrorContains(t, err, "UTF-8")
}

func TestAnEmptyVariableIsNotSet(t *testing.T) {
	want, err := parse(t, "serve")
	require.NoError(t, err)
	for _, empty := range []string{"", " ", "\n", `""`} {
		for name := range settingsOfProgram(t) {
			t.Setenv(name, empty)
			t.Setenv(name+fileSuffix, "")
		}
		got, err := parse(t, "serve")
		require.NoError(t, err, "%q", empty)
		require.Equal(t, want, got, "%q", empty)
	}
}

func settingsOfProgram(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for name := range settingsOf(newParser(&commands{}).Model) {
		names[name] = true
	}
	require.Greater(t, len(names), 20)
	return names
}

func TestSecretsAreReadFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	for _, text := range []string{"mongodb://h/fromfile", "mongodb://h/fromfile\n", "\ufeffmongodb://h/fromfile\r\n", `"mongodb://h/fromfile"` + "\n"} {
		write(text)
		t.Setenv("MONGO_URI_FILE", file)
		for _, command := range []string{"serve", "dev", "seed", "gaps"} {
			cli, err := parse(t, command)
			require.NoError(t, err)
			got := map[string]redact.URI{"serve": cli.Serve.MongoURI, "dev": cli.Dev.MongoURI, "seed": cli.Seed.MongoURI, "gaps": cli.Gaps.MongoURI}[command]
			require.Equal(t, "mongodb://h/fromfile", got.Reveal(), command)
		}
		cli, err := parse(t, "serve", "--mongo-uri=mongodb://flag")
		require.NoError(t, err)
		require.Equal(t, "mongodb://flag", cli.Serve.MongoURI.Reveal(), "a flag counts more")
		require.Empty(t, os.Getenv("MONGO_URI"), "child processes do not get the secret")
	}

	write("redis://:p%2Fw@h")
	t.Setenv("MONGO_URI_FILE", "")
	t.Setenv("REDIS_URL_FILE", file)
	cli, err := parse(t, "serve")
	require.NoError(t, err)
	require.Equal(t, "redis://:p%2Fw@h", cli.Serve.RedisURL.Reveal())
	write("smtp://h:25")
	t.Setenv("REDIS_URL_FILE", "")
	t.Setenv("SMTP_URL_FILE", file)
	cli, err = parse(t, "serve")
	require.NoError(t, err)
	require.Equal(t, "smtp://h:25", cli.Serve.SMTPURL.Reveal())

	for text, want := range map[string]string{
		"\n": "is empty", "m\x00o\x00": "save the file as UTF-8", "a\nb": "line break", strings.Repeat("x", maxSecretFile+1): "too large",
	} {
		write(text)
		_, err = parse(t, "serve")
		require.ErrorContains(t, err, "SMTP_URL_FILE: ")
		require.ErrorContains(t, err, want)
	}
	t.Setenv("SMTP_URL_FILE", file+".missing")
	_, err = parse(t, "serve")
	require.ErrorContains(t, err, "SMTP_URL_FILE: ")
	require.ErrorContains(t, err, "no such file")
	t.Setenv("SMTP_URL", "smtp://h")
	_, err = parse(t, "serve")
	require.ErrorContains(t, err, "SMTP_URL is set too")
}

// A password on the command line at the wrong place is not repeated.
func TestUsageErrorsHoldNoSecret(t *testing.T) {
	for _, args := range [][]string{
		{"serve", "mongodb://u:secret@h"},
		{"serve", "--mongo-url=mongodb://u:secret@h"},
		{"serve", "--redis", "redis://:secret@h"},
		{"redis://:secret@h"},
		{"serve", "--addr", "redis://:sec ret@h"},
		{"serve", "--roles=mongodb://u:secret@h"},
		{"serve", "--cache-ttl=redis://:secret@h"},
		{"serve", "--auth=redis://:secret@h"},
		{"serve", "--smtp-url=http://u:secret@h"},
		{"serve", "--mongo-uri=localhost:secret@h"},
		{"serve", "--mongo-db=mongodb://u:secret@h"},
	} {
		_, err := parse(t, args...)
		require.Error(t, err, args)
		var printed bytes.Buffer
		printUsageError(&printed, err)
		require.NotContains(t, printed.String(), "secret", args)
		require.NotContains(t, printed.String(), "ret@", args)
		require.Contains(t, printed.String(), "--help")
	}
}
