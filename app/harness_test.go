package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/api"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/realtest/wsclient"
	"grapevine/internal/redact"
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

func defaults(env realtest.Env) Config {
	return Config{
		Connections: Connections{MongoURI: redact.URI(env.MongoURI), MongoDatabase: env.Database, RedisURL: redact.URI(env.RedisURL)},
		Addr:        "127.0.0.1:0", Roles: []string{roleAPI, roleWatcher, roleWorker},
		CacheTTL: time.Minute, MaxStaleness: 5 * time.Second, EventRetention: time.Hour, Concurrency: 4, MaxRetry: 5,
		MaxHeaderBytes: 32 << 10, SocketsPerClient: 256, MaxSockets: 10_000, ImportMax: 256 << 20,
	}
}

// start runs an instance until the end of the test and waits until it is live.
func start(t testing.TB, env realtest.Env, change ...func(*Config)) *instance {
	t.Helper()
	i := launch(t, env, change...)
	ready, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.True(t, i.WaitLive(ready), "the instance did not become live")
	return i
}

// launch runs an instance until the end of the test.
func launch(t testing.TB, env realtest.Env, change ...func(*Config)) *instance {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return launchWithLog(t, env, log, change...)
}

func launchWithLog(t testing.TB, env realtest.Env, log *slog.Logger, change ...func(*Config)) *instance {
	t.Helper()
	s := defaults(env)
	for _, f := range change {
		f(&s)
	}
	require.NoError(t, s.Validate())
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
	return i
}

// roles is a change of the settings.
func roles(names ...string) func(*Config) { return func(c *Config) { c.Roles = names } }

// call sends a request with body as JSON, or without a body if that is nil.
func (i *instance) call(method, path string, body any, headers ...string) httpclient.Answer {
	i.t.Helper()
	return httpclient.New("http://"+i.Addr(), 0).Call(i.t, method, path, body, headers...)
}

func (i *instance) get(path string, headers ...string) httpclient.Answer {
	return i.call(http.MethodGet, path, nil, headers...)
}

// dial opens a WebSocket of this instance.
func (i *instance) dial(path string) *wsclient.Client {
	i.t.Helper()
	return wsclient.Open(i.t, "ws://"+i.Addr()+path)
}

// part returns the status of /readyz and one of its parts.
func (i *instance) part(name string) (int, api.PartHealth) {
	i.t.Helper()
	a := i.get("/readyz")
	var r api.Readiness
	require.NoError(i.t, json.Unmarshal(a.Body, &r))
	return a.Status, r.Parts[name]
}

// isWalked reports whether all contacts have their derived part.
func (i *instance) isWalked() bool {
	i.t.Helper()
	_, part := i.part(partForms)
	return part.Ready
}

// requireWork creates a contact and waits for its event in a room and for its welcome.
func (i *instance) requireWork() {
	i.t.Helper()
	room := i.dial("/ws/contacts")
	room.Join("workspace:default", "")
	var made httpclient.Answer
	eventually(i.t, "writes are taken", func() bool {
		made = i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada", "email": "ada@example.org"})
		return made.Status == http.StatusCreated
	})
	id, err := bson.ObjectIDFromHex(made.JSON(i.t)["id"].(string))
	require.NoError(i.t, err)
	room.Next(func(f wsclient.Frame) bool { return f.ContactID() == id.Hex() })
	eventually(i.t, "the welcome is done", func() bool {
		var row struct{ State string }
		err := i.db.Collection(grapevine.CollectionLedger).FindOne(context.Background(), bson.D{{Key: "_id", Value: id}}).Decode(&row)
		return err == nil && row.State == "done"
	})
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, patience, 5*time.Millisecond, what)
}
