//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// startHugeList starts a proxy that makes two million contacts of those in a workspace. The pages behind the first one do not come.
func startHugeList(t *testing.T) *instance {
	t.Helper()
	server := &url.URL{Scheme: "http", Host: suite.app.addr}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(server)
			r.Out.Host = r.In.Host
			r.Out.Header.Del("Accept-Encoding")
			if r.In.URL.Path == "/contacts" && r.In.URL.Query().Has("after") {
				<-r.In.Context().Done() // the page does not wait for what is beyond
			}
		},
		ModifyResponse: func(answer *http.Response) error {
			var body map[string]any
			switch answer.Request.URL.Path {
			case "/contacts/stats/months":
				body = map[string]any{"items": []any{map[string]any{"month": "2026-01", "count": 2_000_000}}}
			case "/contacts":
				if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
					return err
				}
				body["next"] = "more"
			default:
				return nil
			}
			text, err := json.Marshal(body)
			answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
			answer.Header.Set("Content-Length", fmt.Sprint(len(text)))
			return err
		},
	})
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	return &instance{name: "proxy", addr: proxy.Listener.Addr().String()}
}

// scrollToTheEnd scrolls to the end of the two million rows. The page does not read them all.
func scrollToTheEnd(w browserWindow) {
	w.test().Helper()
	w.waitFor(`ui.text("#count") === "2,000,000 contacts"`)
	w.exec(`document.getElementById("grid").scrollTop = 1e9`)
	w.waitFor(`Math.abs(document.getElementById("grid").getBoundingClientRect().bottom - Math.max(...[...document.querySelectorAll(".skeleton")].map((row) => row.getBoundingClientRect().bottom))) < 60`)
}

// More rows than a browser's limit for the height of an element.
func TestAnySizeCanBeScrolled(t *testing.T) {
	insertContacts(t, person("huge", "Ada", "Lovelace"))
	w := openAt(t, startHugeList(t), "/?workspace=huge", viewport{})
	scrollToTheEnd(w)
	height := eval[float64](w, `document.querySelector(".body").offsetHeight`)
	require.Less(t, height, 17.8e6)
	require.Greater(t, height, 14e6)
}
