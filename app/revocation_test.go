package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
	"grapevine/internal/realtest/wsclient"
	"grapevine/internal/redact"
)

const (
	revokedUsers   = 20 // each follows the room of an owner of its own
	socketsOfEach  = 5  // on each instance
	eventsEachTick = 100
	tick           = 100 * time.Millisecond
)

// listener is a socket that reads all the time.
type listener struct {
	ended  chan struct{}
	frames int
	closed time.Time
	code   int
}

// listen opens a socket of the workspace "default" and joins a room.
func (i *instance) listen(room string) *listener {
	i.t.Helper()
	conn, status, err := wsclient.Dial(i.t.Context(), "ws://"+i.Addr()+"/ws/contacts", i.headers...)
	require.NoError(i.t, err, "HTTP status %d", status)
	require.NoError(i.t, conn.Join(room, ""))
	for f := (wsclient.Frame{}); f.Op != "ack"; { // it may be told before that the pipeline is late
		f, err = conn.Read(patience)
		require.NoError(i.t, err)
		require.NotEqual(i.t, "error", f.Op, f.Text)
	}
	require.NoError(i.t, conn.SetReadDeadline(time.Time{}))
	l := &listener{ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				l.closed = time.Now()
				l.code, _ = wsclient.CloseCode(err)
				return
			}
			l.frames++
		}
	}()
	i.t.Cleanup(func() { _ = conn.Close(); <-l.ended })
	return l
}

// wait returns the time from begin to the close of the socket.
func (l *listener) wait(t *testing.T, code int, begin time.Time) time.Duration {
	t.Helper()
	select {
	case <-l.ended:
	case <-time.After(patience):
		require.FailNow(t, "the socket stays open")
	}
	require.Equal(t, code, l.code)
	return l.closed.Sub(begin)
}

// revocation is a user whose right ends, with its sockets on each instance.
type revocation struct {
	user      accounts.User
	session   string
	listeners [][]*listener
}

func revocations(instances ...*instance) []revocation {
	made := instances[0].accounts()
	list := make([]revocation, revokedUsers)
	for n := range list {
		user := made.User("default:viewer")
		list[n] = revocation{user: user, session: made.Session(user), listeners: make([][]*listener, len(instances))}
		for k, i := range instances {
			visitor := i.signedIn(list[n].session)
			for range socketsOfEach {
				list[n].listeners[k] = append(list[n].listeners[k], visitor.listen(fmt.Sprint("owner:o", n)))
			}
		}
	}
	return list
}

// end takes the right away in MongoDB, in the nth way, and returns the code of the close that follows.
func (r revocation) end(t *testing.T, db *mongo.Database, n int) int {
	t.Helper()
	switch n % 4 {
	case 0:
		_, err := db.Collection(grapevine.CollectionUsers).DeleteOne(t.Context(), bson.M{"_id": r.user.ID})
		require.NoError(t, err)
	case 1:
		accounts.In(t, db).Set(r.user, bson.M{"disabled": true})
	case 2:
		_, err := db.Collection(grapevine.CollectionSessions).DeleteOne(t.Context(), bson.M{"_id": accounts.Hash(r.session)})
		require.NoError(t, err)
	default:
		accounts.In(t, db).Leave(r.user, "default")
		return 4403
	}
	return 4401
}

// requireRevoked ends all rights, one after the other, and requires that the sockets close in time.
func requireRevoked(t *testing.T, db *mongo.Database, list []revocation) {
	t.Helper()
	begins, codes := make([]time.Time, len(list)), make([]int, len(list))
	for n, r := range list {
		begins[n] = time.Now()
		codes[n] = r.end(t, db, n)
	}
	for k := range list[0].listeners {
		var took []time.Duration
		for n, r := range list {
			for _, l := range r.listeners[k] {
				took = append(took, l.wait(t, codes[n], begins[n]))
			}
		}
		slices.Sort(took)
		p99, last := took[len(took)*99/100-1], took[len(took)-1]
		t.Logf("instance %d: %d sockets, median %v, p99 %v, last %v", k, len(took), took[len(took)/2], p99, last)
		require.Less(t, p99, time.Second)
		require.Less(t, last, 2*time.Second)
	}
}

// writeEvents edits contacts of every owner, 1,000 a second, until ctx ends. It returns how many.
func writeEvents(ctx context.Context, t *testing.T, db *mongo.Database) (written int) {
	var ids []bson.ObjectID
	var docs []any
	for n := range eventsEachTick {
		ids = append(ids, bson.NewObjectID())
		docs = append(docs, bson.D{
			{Key: "_id", Value: ids[n]},
			{Key: "workspace", Value: "default"},
			{Key: "kind", Value: "person"},
			{Key: "firstName", Value: "Ada"},
			{Key: "owner", Value: fmt.Sprint("o", n%revokedUsers)},
		})
	}
	contacts := db.Collection(grapevine.CollectionContacts)
	if _, err := contacts.InsertMany(ctx, docs); err != nil {
		t.Error(err)
		return 0
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return written
		case <-ticker.C:
		}
		models := make([]mongo.WriteModel, len(ids))
		for n, id := range ids {
			models[n] = mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": id}).SetUpdate(bson.M{"$set": bson.M{"notes": fmt.Sprint(written)}})
		}
		if _, err := contacts.BulkWrite(context.WithoutCancel(ctx), models, options.BulkWrite().SetOrdered(false)); err != nil {
			t.Error(err)
			return written
		}
		written += len(ids)
	}
}

// 200 sockets in 20 rooms of two instances, 1,000 events a second: when a right ends in MongoDB, the last frame comes within
// a second.
func TestSocketsCloseUnderLoadWhenRightsEnd(t *testing.T) {
	env := realtest.New(t)
	a, b := start(t, env, signInOn, welcomeNobody), start(t, env, signInOn, welcomeNobody)
	list := revocations(a, b)
	ctx, cancel := context.WithCancel(t.Context())
	var load sync.WaitGroup
	written, begin := 0, time.Now()
	load.Go(func() { written = writeEvents(ctx, t, a.db) })
	defer load.Wait()
	defer cancel()
	for _, i := range []*instance{a, b} {
		eventually(t, "events flow", func() bool { return i.hub.Stats().Frames > 20*revokedUsers*socketsOfEach })
	}
	requireRevoked(t, a.db, list)
	cancel()
	load.Wait()
	t.Logf("%.0f events a second", float64(written)/time.Since(begin).Seconds())
	for n, r := range list {
		for _, listeners := range r.listeners {
			for _, l := range listeners {
				require.Positive(t, l.frames, "user %d", n)
			}
		}
	}
}

func welcomeNobody(c *Config) { c.Welcome = "none" }

// The rights of sockets depend on nothing but MongoDB.
func TestSocketsCloseWithoutThePipelineWhenRightsEnd(t *testing.T) {
	t.Run("paused", func(t *testing.T) {
		env := realtest.New(t)
		a := start(t, env, signInOn)
		b := start(t, env, signInOn, roles(roleAPI))
		list := revocations(a, b)
		runCommand(t, a, "pause")
		requireRevoked(t, a.db, list)
		runCommand(t, a, "resume")
	})
	t.Run("no watcher", func(t *testing.T) {
		env := realtest.New(t)
		watching := start(t, env, signInOn)
		a, b := start(t, env, signInOn, roles(roleAPI)), start(t, env, signInOn, roles(roleAPI))
		list := revocations(a, b)
		watching.stop()
		requireRevoked(t, a.db, list)
	})
	t.Run("Redis stopped", func(t *testing.T) {
		server := realtest.StartRedis(t)
		env := realtest.New(t)
		own := func(c *Config) { c.RedisURL = redact.URI(server.URL) }
		a, b := start(t, env, signInOn, own), start(t, env, signInOn, own)
		list := revocations(a, b)
		t.Cleanup(func() { _ = server.Signal(syscall.SIGCONT) })
		require.NoError(t, server.Signal(syscall.SIGSTOP))
		requireRevoked(t, a.db, list)
	})
}

// Case 1 of the contract: a deleted user is out everywhere while the pipeline is paused, and a resume brings nothing back.
func TestADeletedUserIsOutWhileThePipelineIsPaused(t *testing.T) {
	env := realtest.New(t)
	a, b := start(t, env, signInOn), start(t, env, signInOn, roles(roleAPI))
	made := a.accounts()
	user := made.User("default:editor")
	session := made.Session(user)
	runCommand(t, a, "pause")
	var open []*listener
	for _, i := range []*instance{a, b} {
		open = append(open, i.signedIn(session).listen("workspace:default"))
	}
	begin := time.Now()
	_, err := a.db.Collection(grapevine.CollectionUsers).DeleteOne(t.Context(), bson.M{"_id": user.ID})
	require.NoError(t, err)
	for _, l := range open {
		require.Less(t, l.wait(t, 4401, begin), time.Second)
	}
	requireOut := func() {
		t.Helper()
		for _, i := range []*instance{a, b} {
			visitor := i.signedIn(session)
			require.Equal(t, http.StatusUnauthorized, visitor.get("/contacts").Status)
			require.Equal(t, http.StatusUnauthorized, visitor.call(http.MethodPost, "/contacts", map[string]any{"firstName": "Ada"}).Status)
			_, status, err := wsclient.Dial(t.Context(), "ws://"+i.Addr()+"/ws/contacts", visitor.headers...)
			require.Error(t, err)
			require.Equal(t, http.StatusUnauthorized, status)
		}
	}
	requireOut()
	runCommand(t, a, "resume")
	requireOut()
}
