package servers

import (
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMajorVersion(t *testing.T) {
	for out, want := range map[string]int{
		"db version v6.0.5\nBuild Info: {": 6,
		"db version v8.0.12":               8,
		"Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1": 7,
		"Valkey server v=8.1.1 sha=0": 8,
		"mongod: libcurl.so.4: no version information available (required by mongod)\ndb version v6.0.5": 6,
	} {
		got, err := majorVersion([]byte(out))
		require.NoError(t, err, out)
		require.Equal(t, want, got, out)
	}
	_, err := majorVersion([]byte("Segmentation fault"))
	require.ErrorContains(t, err, "Segmentation fault")
}

func TestCheckRefusesAProgramThatIsTooOldOrDoesNotRun(t *testing.T) {
	at := func(script string) string {
		path := filepath.Join(t.TempDir(), "mongod")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700))
		return path
	}
	require.NoError(t, mongod.check(t.Context(), at("echo db version v6.0.5")))
	require.ErrorContains(t, mongod.check(t.Context(), at("echo db version v4.4.29")), "version 4, and 6.0 is the oldest supported version")
	require.ErrorContains(t, mongod.check(t.Context(), at("echo libcurl.so.4: cannot open >&2; exit 127")), "libcurl.so.4")
	require.Error(t, mongod.check(t.Context(), "/nowhere/mongod"))
}

// Which machine gets which package.
func TestPins(t *testing.T) {
	for _, c := range []struct {
		pins                      map[string][]pin
		machine, program, version string
	}{
		{pinned, "linux/amd64", "mongod", "6.0.5"},
		{pinned, "linux/amd64", "redis-server", "8.2.3"},
		{pinned, "linux/arm64", "mongod", "6.0.5"},
		{pinned, "linux/arm64", "redis-server", "8.2.3"},
		{pinned, "darwin/arm64", "mongod", "7.0.28"},
		{pinned, "darwin/arm64", "redis-server", "8.2.3"},
		{pinned, "darwin/amd64", "mongod", "7.0.28"},
		{pinned, "darwin/amd64", "redis-server", ""},
		{pinned, "freebsd/amd64", "mongod", ""},
		{latest, "linux/amd64", "mongod", "6.0.27"},
		{latest, "linux/amd64", "redis-server", "8.2.3"},
		{latest, "linux/arm64", "mongod", ""},
	} {
		p, ok := findPin(c.pins, c.machine, c.program)
		require.Equal(t, c.version, p.version, "%s on %s", c.program, c.machine)
		require.Equal(t, c.version != "", ok)
	}
}

func TestPattern(t *testing.T) {
	for link, file := range map[string]string{
		"libcurl.so.4":     "libcurl-330bcbb6.so.4.8.0",
		"libssl.so.3":      "libssl-8b66dd34.so.3",
		"libcrypto.so.1.1": "libcrypto-2ade47cd.so.1.1",
	} {
		matches, err := path.Match(pattern(link), file)
		require.NoError(t, err)
		require.True(t, matches, "%s does not match %s", pattern(link), file)
	}
	matches, err := path.Match(pattern("libcrypto.so.3"), "libcrypto-2ade47cd.so.1.1")
	require.NoError(t, err)
	require.False(t, matches)
}

func TestRemedyNamesTheProgramAndTheSetting(t *testing.T) {
	require.Equal(t, "Install Redis 7.0 or newer so that redis-server is on the PATH (brew install redis), or start a Docker engine, or set REDIS_URL to a running server.",
		redisServer.remedy("darwin"))
	require.Equal(t, "Install MongoDB 6.0 or newer so that mongod is on the PATH, or start a Docker engine, or set MONGO_URI to a running server.",
		mongod.remedy("linux"))
}
