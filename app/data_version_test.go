package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/dataversion"
	"grapevine/internal/realtest"
	"grapevine/watcher"
)

// setVersion writes the version of the data as a newer Grapevine does.
func setVersion(t *testing.T, db *mongo.Database, version int) {
	t.Helper()
	_, err := db.Collection("control").UpdateByID(t.Context(), "schema", bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: version}}}})
	require.NoError(t, err)
}

func TestNewerDataStopsTheStart(t *testing.T) {
	env := realtest.New(t)
	db := env.DB(t)
	_, err := db.Collection("control").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: dataversion.Current + 1}})
	require.NoError(t, err)
	app, err := New(defaults(env), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	var newer *dataversion.NewerError
	require.ErrorAs(t, app.Run(t.Context()), &newer)
	names, err := db.ListCollectionNames(t.Context(), bson.D{})
	require.NoError(t, err)
	require.Equal(t, []string{"control"}, names, "it has created nothing")
}

// A newer Grapevine migrates the data while this one runs. Every instance stops writing, whatever it does just then,
// and goes on if the version goes back.
func TestNewerDataStopsRunningInstances(t *testing.T) {
	env := realtest.New(t)
	holder := start(t, env)
	instances := []*instance{holder, start(t, env), start(t, env, roles(roleAPI)), start(t, env, roles(roleWatcher, roleWorker))}
	_, err := watcher.Submit(t.Context(), holder.db, watcher.Command{Name: watcher.CommandPause, RequestedBy: "test"})
	require.NoError(t, err)

	setVersion(t, holder.db, dataversion.Current+1)
	written := realtest.StartStopwatch(t)
	for _, i := range instances {
		eventually(t, "writes are refused", func() bool { return i.gate.Ask(true) != nil })
		require.Equal(t, http.StatusServiceUnavailable, i.get("/readyz").Status)
		require.Contains(t, string(i.get("/readyz").Body), `"schema":{"ready":false,"state":"newer-schema","message":"A newer Grapevine`)
		if i.has(roleAPI) {
			require.Equal(t, http.StatusServiceUnavailable, i.post("Ada").Status)
			require.Equal(t, http.StatusOK, i.get("/contacts").Status, "reads are answered")
		}
	}
	require.Less(t, written.Stop(), written.Allow(2*versionInterval))
	eventually(t, "nobody holds the lease", func() bool { return env.Redis(t).Exists(t.Context(), holder.watcher.Prefix+"lease").Val() == 0 })

	setVersion(t, holder.db, dataversion.Current)
	_, err = watcher.Submit(t.Context(), holder.db, watcher.Command{Name: watcher.CommandResume, RequestedBy: "test"})
	require.NoError(t, err, "a holder of the lease executes it")
	for _, i := range instances {
		require.True(t, i.WaitLive(t.Context()))
	}
	require.Equal(t, http.StatusCreated, holder.post("Ada").Status)
	eventually(t, "a worker has welcomed the contact", func() bool { return countRows(t, holder.db, "done") == 1 })
}

func TestDataVersionStopsAndRestartsAPart(t *testing.T) {
	var log bytes.Buffer
	var g gate
	v := newDataVersion(nil, &g, slog.New(slog.NewTextHandler(&log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	runs, ended := make(chan struct{}), make(chan error)
	go func() {
		ended <- v.whileOurs(func(ctx context.Context) error {
			runs <- struct{}{}
			<-ctx.Done()
			return nil
		})(ctx)
	}()
	select {
	case <-runs:
		t.Fatal("it runs before the version is known")
	case <-time.After(10 * time.Millisecond):
	}
	v.accept()
	v.accept()
	<-runs
	for range 3 {
		v.reject(&dataversion.NewerError{Version: 2})
	}
	require.NotNil(t, g.Ask(true))
	require.Nil(t, g.Ask(false))
	v.accept()
	<-runs
	require.Nil(t, g.Ask(true))
	cancel()
	require.NoError(t, <-ended)
	require.Equal(t, 1, strings.Count(log.String(), "\n"), "it is said once: %s", &log)
	require.NoError(t, v.whileOurs(func(context.Context) error { return nil })(t.Context()), "a part that ends by itself stays ended")
}
