package api_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// BenchmarkCachedReadWithSignIn compares a cached read by a session and by a token with one without sign-in. The three ask
// in turn, so that a busy machine is unfair to all alike. It reports medians, and their ratio to the one without.
func BenchmarkCachedReadWithSignIn(b *testing.B) {
	var off *harness
	on := newSignInHarness(b, func(c *api.Config) {
		open := *c
		open.Access, open.PublicURL = nil, ""
		off = &harness{t: b, log: &logBuffer{}}
		off.serve(api.New(open))
	})
	user := on.User("default:viewer")
	askers := []struct {
		name, url string
		headers   header
	}{
		{"off", off.url, nil},
		{"session", on.url, header{"Cookie": "session-" + on.port + "=" + on.Session(user)}},
		{"token", on.url, bearer(on.Token(user, "default", "viewer"))},
	}
	path := off.create(ada).header.Get("Location")
	took := make([][]time.Duration, len(askers))
	ask := func(i int) {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, askers[i].url+path, http.NoBody)
		require.NoError(b, err)
		for name, value := range askers[i].headers {
			request.Header.Set(name, value)
		}
		begin := time.Now()
		resp, err := http.DefaultClient.Do(request)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(b, err)
		_ = resp.Body.Close()
		took[i] = append(took[i], time.Since(begin))
		require.Equal(b, http.StatusOK, resp.StatusCode)
	}
	for range 200 {
		for i := range askers {
			ask(i)
		}
	}
	took = make([][]time.Duration, len(askers))
	for n := 0; b.Loop(); n++ {
		for i := range askers {
			ask((n + i) % len(askers))
		}
	}
	median := func(i int) float64 {
		slices.Sort(took[i])
		return float64(took[i][len(took[i])/2])
	}
	for i, asker := range askers {
		b.ReportMetric(median(i), asker.name+"-ns")
		b.ReportMetric(median(i)/median(0), asker.name+"-ratio")
	}
}
