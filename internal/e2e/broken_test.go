//go:build e2e

package e2e

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
	"grapevine/internal/servers"
)

func (w *window) offline(off bool) {
	w.t.Helper()
	w.run("network",
		call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}}}),
		call(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}))
}

func TestOfflineAndBack(t *testing.T) {
	insert(t, person("offline", "Ada", "Lovelace"), person("offline", "Alan", "Turing"))
	w := live(t, "/?workspace=offline", look{})
	w.offline(true)
	w.until(`seen.state() === "offline"`)
	insert(t, person("offline", "Grace", "Hopper"))
	set(t, "offline", "Turing", bson.D{{Key: "company", Value: "Bletchley"}})
	remove(t, "offline", "Lovelace")
	require.True(t, eval[bool](w, `Boolean(seen.row("Ada Lovelace")) && !seen.row("Grace Hopper")`))
	w.until(`seen.text(".strip").startsWith("No connection since")`)
	w.do(`seen.row("Ada Lovelace").click()`) // what the list knows can be read
	w.until(`seen.value("f-lastName") === "Lovelace" && seen.text(".panel .notice").includes("cannot be reached")`)
	w.press("Close")
	w.offline(false)
	w.until(`seen.state() === "live"`)
	w.until(`seen.names().join() === "Grace Hopper,Alan Turing"`)
	w.until(`seen.row("Alan Turing").querySelector(".cell.company").textContent.trim() === "Bletchley"`)
}

// A page whose timers stood still for an hour is right again at once, although its socket looks open.
func TestWakesFromSleep(t *testing.T) {
	insert(t, person("sleep", "Ada", "Lovelace"))
	// The socket hears nothing more when window.asleep is set, and the clock can be put forward.
	w := live(t, "/?workspace=sleep", look{script: `
		{ const real = Date.now; window.skip = 0; Date.now = () => real() + window.skip;
		  const WS = window.WebSocket; window.opened = 0;
		  window.WebSocket = class extends WS { constructor(url) { super(url); window.opened++; this.number = window.opened;
		    this.addEventListener("message", (e) => { if (window.asleep === this.number) e.stopImmediatePropagation(); }); } }; }`})
	w.do(`window.asleep = window.opened`)
	insert(t, person("sleep", "Grace", "Hopper"))
	w.do(`window.skip = 3600e3`)
	watch := realtest.StartStopwatch(t)
	w.until(`seen.row("Grace Hopper")`)
	t.Logf("right %v after waking", watch.Stop())
	require.Less(t, watch.Stop(), watch.Allow(10*time.Second))
	w.until(`seen.state() === "live"`)
}

func TestInstanceKilledAndRestarted(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	i, err := startInstance(ctx, "killed", world.mongo.URI, world.redis.URL)
	require.NoError(t, err)
	t.Cleanup(i.kill)
	insert(t, person("killed", "Ada", "Lovelace"))
	w := openAt(t, i, "/?workspace=killed", look{})
	w.until(`seen.state() === "live" && seen.row("Ada Lovelace")`)
	i.kill()
	w.until(`seen.state() === "offline" || seen.state() === "connecting"`)
	insert(t, person("killed", "Grace", "Hopper"))
	remove(t, "killed", "Lovelace")
	require.NoError(t, i.start(ctx))
	w.until(`seen.state() === "live"`)
	w.until(`seen.names().join() === "Grace Hopper"`)
	insert(t, person("killed", "Alan", "Turing"))
	w.until(`seen.names().join() === "Grace Hopper,Alan Turing"`)
}

func TestDegradedAndRecovered(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	program, err := servers.FindRedis(ctx)
	require.NoError(t, err)
	redis, err := servers.StartRedis(ctx, program, t.TempDir(), 0)
	require.NoError(t, err)
	t.Cleanup(redis.Kill)
	i, err := startInstance(ctx, "degraded", world.mongo.URI, redis.URL, "MONGO_DB=degraded", "MAX_STALENESS=3s")
	require.NoError(t, err)
	t.Cleanup(i.kill)
	w := openAt(t, i, "/", look{width: 360, height: 740, phone: true})
	w.until(`seen.state() === "live"`)

	require.NoError(t, redis.Signal(syscall.SIGSTOP))
	t.Cleanup(func() { _ = redis.Signal(syscall.SIGCONT) })
	w.until(`seen.state() === "degraded"`)
	w.until(`seen.text(".strip.warn").startsWith("Changes are arriving late")`)
	require.Empty(t, eval[[]string](w, outside))
	w.press("New contact") // writing needs MongoDB only
	w.fill("f-firstName", "Ada")
	w.press("Create contact")
	w.has("Ada")
	require.NoError(t, redis.Signal(syscall.SIGCONT))
	w.until(`seen.state() === "live"`)

	// Redis forgets everything: the history begins anew, and the page is told to read again.
	url, err := goredis.ParseURL(redis.URL)
	require.NoError(t, err)
	client := goredis.NewClient(url)
	defer func() { _ = client.Close() }()
	require.NoError(t, client.FlushAll(ctx).Err())
	contacts := world.db.Client().Database("degraded").Collection("contacts")
	_, err = contacts.InsertOne(ctx, person("default", "Grace", "Hopper"))
	require.NoError(t, err)
	w.has("Grace Hopper")
	_, err = contacts.DeleteOne(ctx, bson.D{{Key: "firstName", Value: "Ada"}})
	require.NoError(t, err)
	w.lacks("Ada")
	w.until(`seen.state() === "live"`)
}

func TestMongoDBHangsAndGoesOn(t *testing.T) {
	insert(t, person("hung", "Ada", "Lovelace"))
	w := live(t, "/?workspace=hung", look{})
	w.has("Ada Lovelace")
	require.NoError(t, world.mongo.Signal(syscall.SIGSTOP))
	t.Cleanup(func() { _ = world.mongo.Signal(syscall.SIGCONT) })
	w.until(`seen.state() === "degraded"`)
	w.do(`seen.row("Ada Lovelace").click()`)
	w.until(`seen.text(".panel .notice").includes("MongoDB does not answer")`)
	require.NoError(t, world.mongo.Signal(syscall.SIGCONT))
	w.until(`seen.state() === "live"`)
	w.until(`seen.value("f-lastName") === "Lovelace" && !document.querySelector(".panel .notice")`) // by itself
}

func TestDeleteCanBeUndoneAndLeavingSendsIt(t *testing.T) {
	insert(t, person("undo", "Ada", "Lovelace"), person("undo", "Alan", "Turing"))
	w := live(t, "/?workspace=undo", look{})
	id := stored(t, "undo", "Lovelace")["_id"]
	w.openRow("Ada Lovelace")
	w.press("Delete")
	w.until(`!seen.row("Ada Lovelace") && !document.querySelector(".panel")`)
	w.until(`seen.button("Undo")`)
	w.keys("u")
	w.has("Ada Lovelace")
	require.Equal(t, id, stored(t, "undo", "Lovelace")["_id"]) // the very same contact, not a copy

	w.openRow("Alan Turing")
	w.press("Delete")
	w.lacks("Alan Turing")
	require.EqualValues(t, 2, countIn(t, "undo"))
	w.do(`location.assign("/inspect")`)
	require.Eventually(t, func() bool { return countIn(t, "undo") == 1 }, patience, 50*time.Millisecond)
}

func TestDeleteGivesWayToSomebodyElsesEdit(t *testing.T) {
	insert(t, person("giveway", "Ada", "Lovelace"))
	w := live(t, "/?workspace=giveway", look{})
	w.openRow("Ada Lovelace")
	w.press("Delete")
	w.lacks("Ada Lovelace")
	set(t, "giveway", "Lovelace", bson.D{{Key: "notes", Value: "needed"}})
	w.has("Ada Lovelace")
	w.until(`seen.text(".toasts").includes("was not deleted")`)
	require.EqualValues(t, 1, countIn(t, "giveway"))
}
