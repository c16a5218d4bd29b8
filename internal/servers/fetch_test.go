package servers

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/wheel"
)

// testPin is a program that runs only with its second library, as mongod does on a small system.
var testPin = pin{
	program: "server", version: "1", wheel: wheel.Wheel{File: "server.whl", SHA256: "0123456789abcdef"}, file: "bin/*",
	libraries: []library{
		{wheel.Wheel{File: "one.whl", SHA256: "aaaaaaaa"}, "one.libs/*", []string{"libone.so.1"}},
		{wheel.Wheel{File: "two.whl", SHA256: "bbbbbbbb"}, "two.libs/*", []string{"libtwo.so.3"}},
		{wheel.Wheel{File: "three.whl", SHA256: "cccccccc"}, "three.libs/*", nil},
	},
}

var testWheels = map[string]map[string]string{
	"server.whl": {"bin/server": "#!/bin/sh\ncat \"$LD_LIBRARY_PATH/libtwo.so.3\" && echo \"$*\""},
	"one.whl":    {"one.libs/libone-0f.so.1.1": "one"},
	"two.whl":    {"two.libs/libtwo-0f.so.3": "two", "two.libs/libother.so": "other"},
}

// testFetcher counts its downloads.
func testFetcher(cache string) (*fetcher, *atomic.Int32) {
	var downloads atomic.Int32
	return &fetcher{cache: cache, out: io.Discard, download: func(_ context.Context, w wheel.Wheel, dir string) (string, error) {
		downloads.Add(1)
		path := filepath.Join(dir, w.File)
		file, err := os.Create(path)
		if err != nil {
			return "", err
		}
		archive := zip.NewWriter(file)
		for name, content := range testWheels[w.File] {
			entry, err := archive.Create(name)
			if err != nil {
				return "", err
			}
			if _, err := io.WriteString(entry, content); err != nil {
				return "", err
			}
		}
		return path, errors.Join(archive.Close(), file.Close())
	}}, &downloads
}

func runs(path string) error { return exec.Command(path).Run() }

func TestFetchAddsLibrariesUntilTheProgramRunsInAFolderWithAnyName(t *testing.T) {
	cache := filepath.Join(t.TempDir(), `it's $HOME [x]`)
	f, downloads := testFetcher(cache)
	path, err := f.fetch(t.Context(), testPin, runs)
	require.NoError(t, err)
	out, err := exec.Command(path, "a", "b c").Output()
	require.NoError(t, err)
	require.Equal(t, "twoa b c\n", string(out))
	require.EqualValues(t, 3, downloads.Load(), "the third library is not needed")

	again, err := f.fetch(t.Context(), testPin, runs)
	require.NoError(t, err)
	require.Equal(t, path, again)
	require.EqualValues(t, 3, downloads.Load())
	left, err := os.ReadDir(cache)
	require.NoError(t, err)
	require.Len(t, left, 3, "the lock, the empty folder of downloads, the program: %v", left)
}

func TestSeveralProcessesFetchOnce(t *testing.T) {
	cache := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(cache, "work", testPin.name(), "left by a killed process"), 0o700))
	f, downloads := testFetcher(cache)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := f.fetch(t.Context(), testPin, runs)
			require.NoError(t, err)
		})
	}
	all.Wait()
	require.EqualValues(t, 3, downloads.Load())

	require.NoError(t, f.withFileLock(t.Context(), func() error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, f.withFileLock(ctx, func() error { return nil }), context.Canceled, "a process that waits can be ended")
		return nil
	}))
}

func TestAProgramThatDoesNotRunIsNotInstalled(t *testing.T) {
	f, _ := testFetcher(t.TempDir())
	broken := errors.New("no such luck")
	_, err := f.fetch(t.Context(), testPin, func(string) error { return broken })
	require.ErrorContains(t, err, "three.libs", "the last library could not be added")
	_, err = f.fetch(t.Context(), pin{program: "server", version: "1", wheel: testPin.wheel, file: "bin/*"}, func(string) error { return broken })
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "fetch server 1")
}
