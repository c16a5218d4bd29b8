package jobs

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func serve(t *testing.T, h http.Handler, method, target string, header ...string) (int, http.Header, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	require.NoError(t, err)
	return w.Code, w.Header(), string(body)
}

func TestDashboardShowsQueuesAndTasks(t *testing.T) {
	r := newRig(t, QueueConfig{})
	id := bson.NewObjectID()
	r.apply(t, created(id, now()))
	client := asynq.NewClientFromRedisClient(r.rdb)
	_, err := client.Enqueue(asynq.NewTask("other", []byte(`{"email":"ada@example.org"}`)), asynq.Queue(database))
	require.NoError(t, err)
	h := Dashboard(r.rdb, "/jobs", false)

	for _, page := range []string{"/jobs", "/jobs/", "/jobs/queues/contacts", "/jobs/queues/contacts/tasks/welcome:" + id.Hex()} {
		code, header, body := serve(t, h, "GET", page)
		require.Equal(t, 200, code, page)
		require.Contains(t, body, `<div id="root">`)
		require.NotContains(t, body, "googleapis", "the page asks no other host")
		require.NotContains(t, body, "/[[", "asynqmon filled in its template")
		policy := header.Get("Content-Security-Policy")
		require.Equal(t, strings.Count(body, "<script>"), strings.Count(policy, "'sha256-"))
		require.NotContains(t, strings.Split(policy, "style-src")[0], "unsafe-inline")
	}
	code, header, _ := serve(t, h, "GET", "/jobs/static/js/main.5adda2da.chunk.js")
	require.Equal(t, 200, code)
	require.Contains(t, header.Get("Content-Type"), "javascript")

	code, _, body := serve(t, h, "GET", "/jobs/api/queues/contacts/pending_tasks")
	require.Equal(t, 200, code)
	require.Contains(t, body, id.Hex())
	require.NotContains(t, body, "ada@example.org", "a foreign payload may hold anything, so it is hidden")
}

// asynqmon itself accepts a form on another site.
func TestDashboardRefusesOtherSites(t *testing.T) {
	r := newRig(t, QueueConfig{})
	r.apply(t, created(bson.NewObjectID(), now()))
	h := Dashboard(r.rdb, "/jobs", false)
	paused := func() bool {
		info, err := r.inspector.GetQueueInfo(r.queue.names.welcome)
		require.NoError(t, err)
		return info.Paused
	}
	const pause = "http://app.example:8080/jobs/api/queues/contacts:pause"
	for _, evil := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "http://evil.example"},
		{"Origin", "http://app.example:9090"},
		{"Origin", "null"},
	} {
		code, _, _ := serve(t, h, "POST", pause, evil...)
		require.Equal(t, http.StatusForbidden, code, evil)
		require.False(t, paused())
	}
	code, _, _ := serve(t, h, "POST", pause, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusNoContent, code)
	require.True(t, paused())

	code, _, _ = serve(t, Dashboard(r.rdb, "/jobs", true), "POST", "/jobs/api/queues/contacts:resume", "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusMethodNotAllowed, code, "the dashboard is read-only")
	require.True(t, paused())
	code, _, _ = serve(t, h, "POST", "/jobs")
	require.Equal(t, http.StatusMethodNotAllowed, code)
}
