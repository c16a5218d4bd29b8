//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/servers"
	"grapevine/watcher"
)

// development is one `grapevine dev`, with servers of its own.
type development struct {
	*instance
	operator *instance // with the addresses of the servers, for commands
	t        *testing.T
	client   *httpclient.Client
	db       *mongo.Database
	redis    *goredis.Client
}

// startDevelopment returns when the instance is ready. Its data is kept between calls of start.
func startDevelopment(t *testing.T) *development {
	t.Helper()
	port, err := servers.FreePort()
	require.NoError(t, err)
	data := t.TempDir()
	// The first run chooses the servers' ports. Fixed ones may be taken by a person's own run.
	for server := range map[string]bool{"mongo": true, "redis": true} {
		free, err := servers.FreePort()
		require.NoError(t, err)
		require.NoError(t, os.Mkdir(filepath.Join(data, server), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(data, server, "port"), fmt.Appendln(nil, free), 0o600))
	}
	d := &development{t: t, instance: &instance{
		name: "dev", addr: fmt.Sprintf("127.0.0.1:%d", port), log: filepath.Join(suite.dir, "dev.log"),
		args: []string{"dev", "--data", data, "--contacts", "300"},
		env:  append(os.Environ(), fmt.Sprintf("ADDR=127.0.0.1:%d", port), "MONGO_URI=", "REDIS_URL="),
	}}
	d.client = httpclient.New(d.url(""), 0)
	d.restart()
	t.Cleanup(func() {
		d.interrupt()
		if t.Failed() {
			t.Log(d.tail())
		}
	})
	var info struct{ MongoURI, RedisURL string }
	answer, err := d.client.Do(t.Context(), http.MethodGet, "/inspect/info", "")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(answer.Body, &info))
	client, err := mongo.Connect(options.Client().ApplyURI(info.MongoURI))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	d.db = client.Database("grapevine")
	url, err := goredis.ParseURL(info.RedisURL)
	require.NoError(t, err)
	url.ContextTimeoutEnabled, url.MaxRetries = true, -1 // an answer that is late is none
	d.redis = goredis.NewClient(url)
	t.Cleanup(func() { _ = d.redis.Close() })
	d.operator = &instance{env: append(d.env, "MONGO_URI="+info.MongoURI, "REDIS_URL="+info.RedisURL)}
	return d
}

func (d *development) restart() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(d.t, d.start(ctx))
}

// interrupt is Ctrl-C, and waits for the end.
func (d *development) interrupt() {
	d.t.Helper()
	_ = d.cmd.Process.Signal(os.Interrupt)
	select {
	case <-d.done:
		require.Zero(d.t, d.cmd.ProcessState.ExitCode(), d.tail())
	case <-time.After(waitTimeout):
		d.kill()
		require.FailNow(d.t, "grapevine dev did not stop", d.tail())
	}
}

func (d *development) isPaused() bool {
	paused, err := watcher.IsPaused(context.Background(), d.db)
	require.NoError(d.t, err)
	return paused
}

func (d *development) redisHangs() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	return d.redis.Ping(ctx).Err() != nil
}

// flooded counts the contacts that the experiment is editing now.
func (d *development) flooded() int64 {
	n, err := d.db.Collection("contacts").CountDocuments(context.Background(), bson.D{{Key: "tags", Value: "what-if-flood"}})
	require.NoError(d.t, err)
	return n
}

// eventually waits for a fact that no page shows.
func (d *development) eventually(what string, fact func() bool) {
	d.t.Helper()
	require.Eventually(d.t, fact, waitTimeout, 10*time.Millisecond, what)
}

func (d *development) insert(contacts ...bson.D) {
	d.t.Helper()
	for _, contact := range contacts {
		_, err := d.db.Collection("contacts").InsertOne(context.Background(), contact)
		require.NoError(d.t, err)
	}
}

// try begins an experiment on the pipeline page, and checks that the page says what to watch and what it shows.
func (w *window) try(title, watch, guarantee string) {
	w.t.Helper()
	item := fmt.Sprintf(`[...document.querySelectorAll(".experiments li")].find((li) => li.textContent.includes(%s))`, quote(title))
	w.waitFor(item)
	require.Contains(w.t, eval[string](w, item+`.textContent`), watch)
	require.Contains(w.t, eval[string](w, item+`.querySelector(".guarantee").textContent`), guarantee)
	w.press(title)
}

// untilRight waits until the pipeline page offers all experiments again.
func (w *window) untilRight() {
	w.t.Helper()
	w.waitFor(`document.querySelectorAll(".experiments button:enabled").length === 4`)
	require.Empty(w.t, eval[string](w, `ui.text(".toasts")`))
}

const underWay = `document.querySelectorAll(".experiments button:disabled").length === 4 && ui.text(".experiments").includes("Watch…")`

// Each experiment shows its guarantee on the pages, and leaves everything as it was.
func TestExperiments(t *testing.T) {
	d := startDevelopment(t)
	inspect := openAt(t, d.instance, "/inspect", viewport{width: 1440, height: 1000})
	list := openAt(t, d.instance, "/?workspace=what-if", viewport{})
	for _, w := range []*window{inspect, list} {
		w.waitFor(`ui.state() === "live"`)
	}
	patch := func(id, notes string) httpclient.Answer {
		answer, err := d.client.Do(t.Context(), http.MethodPatch, "/contacts/"+id, fmt.Sprintf(`{"notes":%q}`, notes), "Workspace", "what-if", "Content-Type", "application/merge-patch+json")
		require.NoError(t, err)
		return answer
	}
	ada := person("what-if", "Ada", "Lovelace")
	d.insert(ada)
	list.waitForRow("Ada Lovelace")
	id := ada[0].Value.(bson.ObjectID).Hex()
	before := d.contacts()

	t.Run("the watcher stops", func(t *testing.T) {
		inspect.try("… the watcher stops", "every change arrives, in order", "None is lost")
		inspect.waitFor(underWay)
		d.eventually("the watcher has stopped", func() bool { // it finishes the batch that it waits for
			var ready struct {
				Parts struct{ Watcher struct{ State string } }
			}
			answer, err := d.client.Do(t.Context(), http.MethodGet, "/readyz", "")
			return err == nil && json.Unmarshal(answer.Body, &ready) == nil && ready.Parts.Watcher.State == "paused"
		})
		d.insert(person("what-if", "Alan", "Turing"), person("what-if", "Grace", "Hopper"))
		list.waitFor(`ui.state() === "degraded"`)
		require.Equal(t, []string{"Ada Lovelace"}, eval[[]string](list, `ui.names()`))
		// A page that is closed meanwhile changes nothing, and one that is opened meanwhile follows.
		inspect.exec(`location.reload()`)
		inspect.waitFor(underWay)
		list.waitFor(`ui.names().join() === "Grace Hopper,Ada Lovelace,Alan Turing" && ui.state() === "live"`)
		inspect.untilRight()
		require.False(t, d.isPaused())
	})
	t.Run("the watcher was stopped by a person", func(t *testing.T) {
		d.operator.runPipelineCommand(t, "pause")
		inspect.press("… the watcher stops")
		inspect.waitFor(`ui.text(".toasts").includes("The experiment failed: the watcher is paused already")`)
		require.True(t, d.isPaused())
		d.operator.runPipelineCommand(t, "resume")
		inspect.exec(`document.querySelectorAll(".toasts button").forEach((button) => button.click())`)
		inspect.waitFor(`!ui.text(".toasts")`)
		inspect.untilRight()
	})
	t.Run("Redis hangs", func(t *testing.T) {
		inspect.try("… Redis hangs", "reads come from MongoDB", "need MongoDB only")
		inspect.waitFor(underWay)
		d.eventually("Redis hangs", d.redisHangs)
		require.Equal(t, http.StatusOK, patch(id, "written without Redis").Status)
		answer, err := d.client.Do(t.Context(), http.MethodGet, "/contacts/"+id, "", "Workspace", "what-if")
		require.NoError(t, err)
		require.Contains(t, string(answer.Body), "written without Redis")
		require.True(t, d.redisHangs())
		inspect.untilRight()
		require.False(t, d.redisHangs())
		list.waitFor(`ui.state() === "live"`)
		list.openRow("Ada Lovelace")
		list.waitFor(`ui.shown("notes") === "written without Redis"`)
	})
	t.Run("the event log is lost", func(t *testing.T) {
		reads := `performance.getEntriesByType("resource").filter(({name}) => name.includes("/contacts?")).length`
		list.exec(`performance.clearResourceTimings()`)
		inspect.try("… the event log is lost", "reads its list again, once", "never shows an old list as live")
		list.waitFor(reads + ` > 0`)
		list.waitFor(`ui.state() === "live"`)
		inspect.untilRight()
		d.insert(person("what-if", "Edsger", "Dijkstra"))
		list.waitForRow("Edsger Dijkstra")
		require.Equal(t, 1, eval[int](list, reads))
	})
	t.Run("many edits", func(t *testing.T) {
		all := openAt(t, d.instance, "/", viewport{})
		all.waitFor(`ui.state() === "live" && ui.rows().length > 5`)
		inspect.try("… 10,000 edits come", "The list stays usable", "skip nothing")
		all.waitFor(`ui.rows().some((row) => row.textContent.includes("what-if-flood"))`)
		inspect.untilRight()
		require.Zero(t, d.flooded())
		all.waitFor(`ui.state() === "live" && !ui.rows().some((row) => row.textContent.includes("what-if-flood"))`)
		list.waitFor(`ui.state() === "live"`)
	})
	after := d.contacts()
	for id, contact := range before {
		require.Contains(t, after, id)
		if contact["lastName"] != "Lovelace" { // she was edited on purpose
			require.Equal(t, contact, after[id])
		}
	}
}

// contacts are all contacts without what Grapevine derives from them.
func (d *development) contacts() map[bson.ObjectID]bson.M {
	d.t.Helper()
	cursor, err := d.db.Collection("contacts").Find(d.t.Context(), bson.D{}, options.Find().SetProjection(bson.D{{Key: "_form", Value: 0}, {Key: "_meta", Value: 0}}))
	require.NoError(d.t, err)
	var all []bson.M
	require.NoError(d.t, cursor.All(d.t.Context(), &all))
	byID := map[bson.ObjectID]bson.M{}
	for _, contact := range all {
		byID[contact["_id"].(bson.ObjectID)] = contact
	}
	return byID
}

// Ctrl-C in the middle of an experiment puts everything right, too.
func TestInterruptedExperimentIsUndone(t *testing.T) {
	d := startDevelopment(t)
	begin := func(name string) {
		t.Helper()
		answer, err := d.client.Do(t.Context(), http.MethodPost, "/inspect/experiments/"+name, "")
		require.NoError(t, err)
		require.Equal(t, http.StatusAccepted, answer.Status, string(answer.Body))
	}
	begin("pause")
	d.eventually("the watcher is paused", d.isPaused)
	d.interrupt()
	d.restart()
	require.False(t, d.isPaused())

	begin("redis")
	d.eventually("Redis hangs", d.redisHangs)
	stopping := time.Now()
	d.interrupt()
	require.Less(t, time.Since(stopping), 10*time.Second)
	d.restart()
	require.False(t, d.redisHangs())

	begin("flood")
	d.eventually("contacts are edited", func() bool { return d.flooded() > 0 })
	d.interrupt()
	d.restart()
	require.Zero(t, d.flooded())
	require.NoError(t, d.cmd.Process.Signal(syscall.Signal(0)))

	// Nothing is left: a new contact arrives on a page.
	w := openAt(t, d.instance, "/?workspace=after", viewport{})
	w.waitFor(`ui.state() === "live"`)
	d.insert(person("after", "Ada", "Lovelace"))
	w.waitForRow("Ada Lovelace")
}
