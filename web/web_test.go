package web

import (
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"
)

type response struct {
	status int
	header http.Header
	body   string
}

// mounted is shared by all tests, because compressing every file is slow under the race detector.
var mounted = sync.OnceValue(func() *fiber.App {
	app := fiber.New(fiber.Config{StrictRouting: true}) // like the API's server: a slash at the end makes another path
	app.Use(Mount(app))
	return app
})

func get(t *testing.T, target string, header ...string) response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := mounted().Test(r, -1)
	require.NoError(t, err)
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return response{got.StatusCode, got.Header, string(body)}
}

var assetReference = regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)

func TestPagesAndTheirAssetsAreServed(t *testing.T) {
	for _, page := range []string{"/", "/inspect", "/docs"} {
		answer := get(t, page)
		require.Equal(t, http.StatusOK, answer.status)
		require.Equal(t, "text/html; charset=utf-8", answer.header.Get("Content-Type"))
		require.Equal(t, policy, answer.header.Get("Content-Security-Policy"))
		require.NotContains(t, policy, "unsafe")
		require.NotContains(t, answer.body, placeholder)
		assets := assetReference.FindAllStringSubmatch(answer.body, -1)
		require.NotEmpty(t, assets)
		for _, a := range assets {
			answer := get(t, a[1])
			require.Equal(t, http.StatusOK, answer.status, a[1])
			require.Contains(t, answer.header.Get("Cache-Control"), "immutable")
		}
	}
}

func TestPagesHaveNoInlineScriptOrStyleAndNothingFromOtherServers(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<script>|<style|\sstyle=|\son\w+=|javascript:`)
	foreign := regexp.MustCompile(`(?i)(?:src|href|url\(|import|from)[\s=("']*(?:https?:)?//`)
	require.NoError(t, fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(name, "/vendor/") {
			return err
		}
		content, err := fs.ReadFile(Files(), name)
		require.NoError(t, err)
		if path.Ext(name) == ".html" {
			require.Empty(t, inline.FindAllString(string(content), -1), name)
		}
		require.Empty(t, foreign.FindAllString(string(content), -1), name)
		for _, forbidden := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "unsafeHTML", "eval(", "new Function"} {
			require.NotContains(t, string(content), forbidden, name)
		}
		return nil
	}))
}

var preloadTag = regexp.MustCompile(`<link rel="modulepreload" href="/assets/[^/]+/([^"]+)">`)

// A module that is missing would show only in a browser. One that is not preloaded is fetched late.
func TestPagesPreloadTheModulesTheyNeed(t *testing.T) {
	for page, entry := range map[string]string{"/": "contacts-entry.js", "/inspect": "pipeline-entry.js", "/docs": "api-docs-entry.js"} {
		preloaded := map[string]bool{}
		for _, match := range preloadTag.FindAllStringSubmatch(get(t, page).body, -1) {
			require.False(t, preloaded["assets/"+match[1]], "%s is preloaded twice", match[1])
			preloaded["assets/"+match[1]] = true
		}
		require.Greater(t, len(preloaded), 10)
		imported := map[string]bool{}
		addImports := func(name string) {
			content, err := fs.ReadFile(Files(), name)
			require.NoError(t, err)
			for _, match := range importedPath.FindAllStringSubmatch(string(withoutComments(content)), -1) { // comments import types
				imported[path.Join(path.Dir(name), match[1])] = true
			}
		}
		addImports("assets/js/" + entry)
		for module := range preloaded {
			addImports(module)
		}
		require.Equal(t, imported, preloaded, page)
	}
}

// The keyboard of a phone makes the page lower, so that it covers no button at the bottom. No browser without a screen has one.
func TestPagesShrinkForTheKeyboardOfAPhone(t *testing.T) {
	for page := range pages {
		require.Regexp(t, `<meta name="viewport" content="[^"]*interactive-widget=resizes-content`, get(t, page).body, page)
	}
}

// A person who mistypes an address gets a page, a program the error of the API.
func TestUnknownPath(t *testing.T) {
	answer := get(t, "/nonexistent", "Accept", "text/html,*/*;q=0.8")
	require.Equal(t, http.StatusNotFound, answer.status)
	require.Contains(t, answer.body, `<a href="/">`)
	for _, asset := range assetReference.FindAllStringSubmatch(answer.body, -1) {
		require.Equal(t, http.StatusOK, get(t, asset[1]).status, asset[1])
	}
	answer = get(t, "/nonexistent", "Accept", "application/json")
	require.Equal(t, http.StatusNotFound, answer.status)
	require.NotContains(t, answer.body, "<")
	for target, page := range map[string]string{
		"/inspect/": "/inspect", "/docs/": "/docs", "/inspect/?workspace=a%26b&x=1": "/inspect?workspace=a%26b&x=1",
	} {
		answer = get(t, target)
		require.Equal(t, http.StatusPermanentRedirect, answer.status, target)
		require.Equal(t, page, answer.header.Get("Location"), target)
	}
	require.Equal(t, "image/svg+xml", get(t, "/favicon.ico").header.Get("Content-Type"))
}

func TestNotModified(t *testing.T) {
	answer := get(t, "/")
	etag := answer.header.Get("ETag")
	require.Regexp(t, `^"[0-9a-f]{16}"$`, etag)
	for _, header := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
		answer := get(t, "/", "If-None-Match", header)
		require.Equal(t, http.StatusNotModified, answer.status, header)
		require.Empty(t, answer.body)
	}
	answer = get(t, "/", "If-None-Match", `"other"`)
	require.Equal(t, http.StatusOK, answer.status)
}

func TestCompressed(t *testing.T) {
	plain := get(t, "/").body
	answer := get(t, "/", "Accept-Encoding", "br, gzip")
	require.Equal(t, "gzip", answer.header.Get("Content-Encoding"))
	r, err := gzip.NewReader(strings.NewReader(answer.body))
	require.NoError(t, err)
	unpacked, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, plain, string(unpacked))

	// The compressed page has an entity tag of its own.
	etag := answer.header.Get("ETag")
	require.Regexp(t, `^"[0-9a-f]{16}-gzip"$`, etag)
	plainETag := get(t, "/").header.Get("ETag")
	for _, test := range []struct{ encoding, named, want string }{
		{"gzip", etag, etag}, {"gzip", plainETag, plainETag}, {"identity", etag, plainETag},
	} {
		answer := get(t, "/", "Accept-Encoding", test.encoding, "If-None-Match", test.named)
		require.Equal(t, http.StatusNotModified, answer.status, test)
		require.Equal(t, test.want, answer.header.Get("ETag"), test)
	}
	require.Empty(t, get(t, "/", "Accept-Encoding", "gzip;q=0").header.Get("Content-Encoding"))
}

func TestUnknownAssetFallsThroughToTheNextHandler(t *testing.T) {
	for _, target := range []string{"/assets/x/js/none.js", "/assets/x/../web.go", "/assets/x/%2e%2e/index.html", "/assets/x/"} {
		answer := get(t, target)
		require.Equal(t, http.StatusNotFound, answer.status, target)
	}
}

func TestAssetsOfAnotherVersionAreNotCached(t *testing.T) {
	answer := get(t, "/assets/old/js/contacts-entry.js")
	require.Equal(t, http.StatusOK, answer.status)
	require.Equal(t, "no-cache", answer.header.Get("Cache-Control"))
}

// The limit is on the compressed size of everything that the contact list loads, with the texts of one language.
func TestFirstPaintIsUnder100kB(t *testing.T) {
	size := func(path string) int { return len(get(t, path, "Accept-Encoding", "gzip").body) }
	common := size("/")
	assets := assetReference.FindAllStringSubmatch(get(t, "/").body, -1)
	for _, asset := range assets {
		require.NotContains(t, asset[1], "/texts/", "a person reads one language only")
		common += size(asset[1])
	}
	languages, err := fs.Glob(Files(), "assets/js/texts/*.js")
	require.NoError(t, err)
	require.Greater(t, len(languages), 1)
	version := strings.Split(assets[0][1], "/")[2]
	for _, name := range languages {
		total := common + size("/assets/"+version+strings.TrimPrefix(name, "assets"))
		t.Logf("%d bytes with %s", total, path.Base(name))
		require.Less(t, total, 100_000, name)
	}
}

// Every vendored file is in VENDORED.md with its checksum.
func TestVendoredFilesAreAsListed(t *testing.T) {
	const dir = "assets/vendor"
	list, err := os.ReadFile("VENDORED.md")
	require.NoError(t, err)
	require.NoError(t, fs.WalkDir(Files(), dir, func(name string, d fs.DirEntry, err error) error {
		if ext := path.Ext(name); err != nil || ext != ".js" && ext != ".css" {
			return err
		}
		content, err := fs.ReadFile(Files(), name)
		require.NoError(t, err)
		require.Contains(t, string(list), fmt.Sprintf("| %s |", strings.TrimPrefix(name, dir+"/")))
		require.Contains(t, string(list), fmt.Sprintf("%x", sha256.Sum256(content)), name)
		return nil
	}))
}
