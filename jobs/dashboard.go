package jobs

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

// shared gives Asynq's tools a client they must not close.
type shared struct{ rdb *redis.Client }

func (s shared) MakeRedisClient() any { return s.rdb }

// Dashboard is asynqmon under root ("/jobs"); requests keep that prefix. readOnly refuses everything
// that changes a queue. It has no login: whoever mounts it decides who may come.
//
// Beside asynqmon's own handler it: refuses changes that another site's page asks for (asynqmon takes
// a cross-site POST); shows no payload but ours, which hold ids only; leaves out the page's links to
// outside fonts; and sets a Content-Security-Policy that allows the page's two inline scripts by their
// hashes and nothing from outside. Nobody else may set that header under root: a stricter one blanks
// the page.
func Dashboard(rdb *redis.Client, root string, readOnly bool) http.Handler {
	root = "/" + strings.Trim(root, "/")
	mon := asynqmon.New(asynqmon.Options{
		RootPath: root, RedisConnOpt: shared{rdb}, ReadOnly: readOnly,
		PayloadFormatter: asynqmon.PayloadFormatterFunc(showPayload),
		ResultFormatter:  asynqmon.ResultFormatterFunc(showResult),
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
		default: // a page of the single-page application, whatever its path
			header.Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(index)
		}
	})
	return http.NewCrossOriginProtection().Handler(h)
}

// showPayload shows what we put into a payload, and of anything else only that it is there.
func showPayload(kind string, payload []byte) string {
	switch kind {
	case TypeWelcome:
		if contact, err := decodeWelcome(payload); err == nil {
			return string(encode(welcomePayload{Contact: contact}))
		}
	case TypeDigest:
		if d, err := decodeDigest(payload); err == nil {
			return string(encode(d))
		}
	}
	return "(not shown)"
}

// showResult shows the results of our own handlers, which are made of counts and fixed words.
func showResult(kind string, result []byte) string {
	if len(result) > 0 && label(kind) == "other" {
		return "(not shown)"
	}
	return string(result)
}

var (
	outsideLink  = regexp.MustCompile(`<link[^>]+href="https?://[^>]*>`)
	inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
)

// indexPage is asynqmon's page without its links to other hosts.
func indexPage(mon http.Handler, root string) []byte {
	w := &page{header: http.Header{}}
	mon.ServeHTTP(w, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: root + "/"}, Header: http.Header{}})
	return outsideLink.ReplaceAll(w.body.Bytes(), nil)
}

// pagePolicy allows the inline scripts of the page by hash. Styles have to be allowed inline: the
// page's components make them as they go.
func pagePolicy(index []byte) string {
	scripts := []string{"'self'"}
	for _, m := range inlineScript.FindAllSubmatch(index, -1) {
		sum := sha256.Sum256(m[1])
		scripts = append(scripts, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return "default-src 'none'; script-src " + strings.Join(scripts, " ") + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
		"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// page is a response that is kept.
type page struct {
	header http.Header
	body   bytes.Buffer
}

func (p *page) Header() http.Header         { return p.header }
func (p *page) Write(b []byte) (int, error) { return p.body.Write(b) }
func (p *page) WriteHeader(int)             {}
