package jobs

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func ask(t *testing.T, h http.Handler, method, target string, header ...string) (int, http.Header, string) {
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
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(id, uint32(time.Now().Unix()))}}))
	client := asynq.NewClientFromRedisClient(r.rdb)
	_, err := client.Enqueue(asynq.NewTask("other", []byte(`{"email":"ada@example.org"}`)))
	require.NoError(t, err)
	h := Dashboard(r.rdb, "/jobs", false)

	for _, page := range []string{"/jobs", "/jobs/", "/jobs/queues/default", "/jobs/queues/default/tasks/welcome:" + id.Hex()} {
		code, header, body := ask(t, h, "GET", page)
		require.Equal(t, 200, code, page)
		require.Contains(t, body, `<div id="root">`)
		require.NotContains(t, body, "googleapis", "no outside request")
		require.NotContains(t, body, "/[[", "asynqmon filled its template in")
		policy := header.Get("Content-Security-Policy")
		require.Equal(t, strings.Count(body, "<script>"), strings.Count(policy, "'sha256-"))
		require.NotContains(t, strings.Split(policy, "style-src")[0], "unsafe-inline")
	}
	code, header, _ := ask(t, h, "GET", "/jobs/static/js/main.5adda2da.chunk.js")
	require.Equal(t, 200, code)
	require.Contains(t, header.Get("Content-Type"), "javascript")

	code, _, body := ask(t, h, "GET", "/jobs/api/queues/default/pending_tasks")
	require.Equal(t, 200, code)
	require.Contains(t, body, id.Hex())
	require.NotContains(t, body, "ada@example.org", "a payload that is not ours may hold anything")
}

// asynqmon has no guard of its own against a form on another site.
func TestDashboardRefusesOtherSites(t *testing.T) {
	r := newRig(t, QueueConfig{})
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}}))
	h := Dashboard(r.rdb, "/jobs", false)
	paused := func() bool {
		info, err := r.look.GetQueueInfo(queueWelcome)
		require.NoError(t, err)
		return info.Paused
	}
	const pause = "http://app.example:8080/jobs/api/queues/default:pause"
	for _, evil := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "http://evil.example"},
		{"Origin", "http://app.example:9090"},
		{"Origin", "null"},
	} {
		code, _, _ := ask(t, h, "POST", pause, evil...)
		require.Equal(t, http.StatusForbidden, code, evil)
		require.False(t, paused())
	}
	code, _, _ := ask(t, h, "POST", pause, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusNoContent, code)
	require.True(t, paused())

	code, _, _ = ask(t, Dashboard(r.rdb, "/jobs", true), "POST", "/jobs/api/queues/default:resume", "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusMethodNotAllowed, code, "read only")
	require.True(t, paused())
	code, _, _ = ask(t, h, "POST", "/jobs")
	require.Equal(t, http.StatusMethodNotAllowed, code)
}
