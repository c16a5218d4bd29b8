package api_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/access"
	"grapevine/access/password"
	"grapevine/api"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// signInHarness is a server where people sign in.
type signInHarness struct {
	*harness
	accounts.Accounts
	access *access.Access
	port   string
	asked  int // requests that came from another address
}

// cheapPasswords is the cost of a hash in tests.
var cheapPasswords = password.Params{Memory: 64, Time: 1, Threads: 1}

// newSignInHarness starts a server with sign-in, whose PUBLIC_URL is where it listens. change edits its configuration first.
func newSignInHarness(t testing.TB, change ...func(*api.Config)) *signInHarness {
	t.Helper()
	return newSignInHarnessVia(t, func(uri string) string { return uri }, change...)
}

// newSignInHarnessVia is newSignInHarness whose access, and nothing else, asks the MongoDB that via names.
func newSignInHarnessVia(t testing.TB, via func(uri string) string, change ...func(*api.Config)) *signInHarness {
	t.Helper()
	env := realtest.New(t)
	h, cfg := prepareHarness(t, env)
	a := access.New(access.Config{
		DB: realtest.Connect(t, via(env.MongoURI)).Database(env.Database), Redis: env.Redis(t), Prefix: grapevine.KeyPrefix(env.Database), Clock: h.clock, PasswordCost: cheapPasswords, Logger: h.logger(),
	})
	require.NoError(t, a.Prepare(t.Context()))
	runAccess(t, a)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	cfg.Access, cfg.PublicURL = a, "http://"+listener.Addr().String()
	for _, c := range change {
		c(&cfg)
	}
	server := api.New(cfg)
	// A route without a line in the table of rights: nobody gets to it.
	server.App().Get(mounts+"page", func(c *fiber.Ctx) error { return c.SendString("never") })
	h.serveOn(listener, server)
	_, port, _ := net.SplitHostPort(h.addr)
	return &signInHarness{harness: h, Accounts: accounts.In(t, h.db), access: a, port: port}
}

// runAccess runs the follower until the end of the test.
func runAccess(t testing.TB, a *access.Access) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// cookie is the headers of the page of a session.
func (h *signInHarness) cookie(secret string) header {
	return header{"Cookie": "session-" + h.port + "=" + secret, "Origin": h.url, "Sec-Fetch-Site": "same-origin"}
}

// bearer is the headers of a program with a token.
func bearer(token string) header { return header{"Authorization": "Bearer " + token} }

// with adds headers.
func (h header) with(pairs ...string) header {
	all := header{}
	for name, value := range h {
		all[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

// cookies are the cookies that an answer sets, by name.
func (a *answer) cookies() map[string]string {
	set := map[string]string{}
	for _, line := range a.header.Values("Set-Cookie") {
		name, rest, _ := strings.Cut(line, "=")
		set[name] = rest
	}
	return set
}

func hourAgo() time.Time { return time.Now().Add(-time.Hour) }

// getWithoutRedirect asks for a page of another package, which openapi.json describes for the whole instance.
func (h *signInHarness) getWithoutRedirect(path string, headers header) *answer {
	h.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, h.url+path, http.NoBody)
	require.NoError(h.t, err)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(h.t, err)
	return readAnswer(h.t, resp)
}
