package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

const patience = 20 * time.Second

// instance is a running App on a port of its own.
type instance struct {
	*App
	t    testing.TB
	db   *mongo.Database
	rdb  *redis.Client
	stop func()
}

func defaults(env realtest.Env) settings {
	return settings{
		stores: stores{MongoURI: env.MongoURI, MongoDB: env.Database, RedisURL: env.RedisURL, Prefix: "grapevine:"},
		Addr:   "127.0.0.1:0", Roles: []string{roleAPI, roleWatcher, roleWorker},
		CacheTTL: time.Minute, MaxStaleness: 5 * time.Second, History: time.Hour, Concurrency: 4, MaxRetry: 5,
	}
}

// start runs an instance until the end of the test and waits until it is live.
func start(t testing.TB, env realtest.Env, change ...func(*settings)) *instance {
	t.Helper()
	s := defaults(env)
	for _, f := range change {
		f(&s)
	}
	require.NoError(t, s.Validate())
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	app, err := New(s, log)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	stopped := false
	i := &instance{App: app, t: t, db: env.DB(t), rdb: env.Redis(t)}
	i.stop = func() {
		if !stopped {
			stopped = true
			cancel()
			require.NoError(t, <-done)
		}
	}
	t.Cleanup(i.stop)
	ready, cancelReady := context.WithTimeout(ctx, patience)
	defer cancelReady()
	require.True(t, waitServing(ready, app), "the instance did not become live")
	return i
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal(a.body, &v), string(a.body))
	return v
}

func (a answer) items(t testing.TB) []any {
	t.Helper()
	items, ok := a.json(t)["items"].([]any)
	require.True(t, ok, string(a.body))
	return items
}

func (i *instance) call(method, path string, body any, headers ...string) answer {
	i.t.Helper()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		require.NoError(i.t, err)
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, "http://"+i.Addr()+path, reader)
	require.NoError(i.t, err)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for n := 0; n < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(i.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(i.t, err)
	return answer{response.StatusCode, response.Header, text}
}

func (i *instance) get(path string, headers ...string) answer {
	return i.call(http.MethodGet, path, nil, headers...)
}

// frame is one frame of a socket.
type frame map[string]any

func (f frame) text(name string) string { s, _ := f[name].(string); return s }

// socket is one client of /ws/….
type socket struct {
	t      testing.TB
	conn   *websocket.Conn
	frames chan frame
	closed chan error
}

func (i *instance) dial(path string) *socket {
	i.t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial("ws://"+i.Addr()+path, nil)
	require.NoError(i.t, err)
	_ = response.Body.Close()
	s := &socket{t: i.t, conn: conn, frames: make(chan frame, 100_000), closed: make(chan error, 1)}
	i.t.Cleanup(func() { _ = conn.Close() })
	go func() {
		for {
			var f frame
			if err := conn.ReadJSON(&f); err != nil {
				s.closed <- err
				close(s.frames)
				return
			}
			s.frames <- f
		}
	}()
	return s
}

func (s *socket) send(f frame) {
	s.t.Helper()
	require.NoError(s.t, s.conn.WriteJSON(f))
}

// join joins a room and returns the ack.
func (s *socket) join(room string, extra ...any) frame {
	s.t.Helper()
	f := frame{"op": "join", "ref": "j", "room": room}
	for n := 0; n < len(extra); n += 2 {
		f[extra[n].(string)] = extra[n+1]
	}
	s.send(f)
	return s.next(func(f frame) bool { return f.text("ref") == "j" })
}

// next is the next frame that fits; those before it are dropped.
func (s *socket) next(fits func(frame) bool) frame {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case f, open := <-s.frames:
			require.True(s.t, open, "the socket was closed")
			if fits(f) {
				return f
			}
		case <-deadline:
			s.t.Fatal("no such frame came")
		}
	}
}

// event is the next event of a contact.
func (s *socket) event() frame {
	s.t.Helper()
	return s.next(func(f frame) bool { return strings.HasPrefix(f.text("event"), "contact:") })
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, patience, 5*time.Millisecond, what)
}
