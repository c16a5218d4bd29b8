package asynqx

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"
)

// DashboardConfig configures [Dashboard]. Every field is required.
type DashboardConfig struct {
	Root          string // path of the page, such as "/jobs"; requests keep it
	ReadOnly      bool   // refuses everything that changes a queue
	FormatPayload func(kind string, payload []byte) string
	FormatResult  func(kind string, result []byte) string
}

// sharedClient gives asynqmon a client that it must not close.
type sharedClient struct{ rdb *redis.Client }

func (s sharedClient) MakeRedisClient() any { return s.rdb }

// Dashboard is asynqmon with four additions. It refuses changes that a page of another site asks for, since
// asynqmon accepts a cross-site POST. It formats payloads and results, which may hold personal data. It
// removes links to fonts on other hosts. And it sets a Content-Security-Policy that allows the page's two
// inline scripts by their hashes and nothing from other hosts; a second, stricter policy would blank the
// page. It has no sign-in.
func Dashboard(rdb *redis.Client, cfg DashboardConfig) http.Handler {
	root := "/" + strings.Trim(cfg.Root, "/")
	mon := asynqmon.New(asynqmon.Options{
		RootPath: root, RedisConnOpt: sharedClient{rdb}, ReadOnly: cfg.ReadOnly,
		PayloadFormatter: asynqmon.PayloadFormatterFunc(cfg.FormatPayload),
		ResultFormatter:  asynqmon.ResultFormatterFunc(cfg.FormatResult),
	})
	index := indexPage(mon, root)
	policy := pagePolicy(index)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		rest := strings.TrimPrefix(r.URL.Path, root)
		switch {
		case strings.HasPrefix(rest, "/api/"):
			header.Set("Cache-Control", "no-store")
			mon.ServeHTTP(w, r)
		case path.Ext(rest) != "":
			mon.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		default: // every other path is a view of the single-page application
			header.Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(index)
		}
	})
	return http.NewCrossOriginProtection().Handler(h)
}

var (
	outsideLink  = regexp.MustCompile(`<link[^>]+href="https?://[^>]*>`)
	inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
)

// indexPage is asynqmon's page without its links to other hosts.
func indexPage(mon http.Handler, root string) []byte {
	w := &bufferedResponse{header: http.Header{}}
	mon.ServeHTTP(w, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: root + "/"}, Header: http.Header{}})
	return outsideLink.ReplaceAll(w.body.Bytes(), nil)
}

// pagePolicy allows the page's inline scripts by hash. Inline styles must be allowed, because the page's
// components create them at run time.
func pagePolicy(index []byte) string {
	scripts := []string{"'self'"}
	for _, m := range inlineScript.FindAllSubmatch(index, -1) {
		sum := sha256.Sum256(m[1])
		scripts = append(scripts, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return "default-src 'none'; script-src " + strings.Join(scripts, " ") + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
		"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// bufferedResponse is a response in memory.
type bufferedResponse struct {
	header http.Header
	body   bytes.Buffer
}

func (b *bufferedResponse) Header() http.Header         { return b.header }
func (b *bufferedResponse) Write(p []byte) (int, error) { return b.body.Write(p) }
func (b *bufferedResponse) WriteHeader(int)             {}
