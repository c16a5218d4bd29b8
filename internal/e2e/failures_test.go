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

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/servers"
)

func (w *window) setOffline(offline bool) {
	w.t.Helper()
	w.runActions("network",
		call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1}}}),
		call(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1}))
}

func TestOfflineAndBack(t *testing.T) {
	insertContacts(t, person("offline", "Ada", "Lovelace"), person("offline", "Alan", "Turing"))
	w := openLive(t, "/?workspace=offline", viewport{})
	w.setOffline(true)
	w.waitFor(`ui.state() === "offline"`)
	insertContacts(t, person("offline", "Grace", "Hopper"))
	updateContacts(t, "offline", "Turing", bson.D{{Key: "company", Value: "Bletchley"}})
	deleteContact(t, "offline", "Lovelace")
	require.True(t, eval[bool](w, `Boolean(ui.row("Ada Lovelace")) && !ui.row("Grace Hopper")`))
	w.waitFor(`ui.text(".banner").startsWith("No connection since")`)
	w.exec(`ui.row("Ada Lovelace").click()`) // the panel shows what the list knows
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace" && ui.text(".panel .notice").includes("cannot be reached")`)
	w.press("Close")
	w.setOffline(false)
	w.waitFor(`ui.state() === "live"`)
	w.waitFor(`ui.names().join() === "Grace Hopper,Alan Turing"`)
	w.waitFor(`ui.row("Alan Turing").querySelector(".cell.company").textContent.trim() === "Bletchley"`)
}

// A save finds no server. The message goes as soon as the server is back.
func TestSaveAfterTheServerIsBack(t *testing.T) {
	insertContacts(t, person("back", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=back", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-notes", "kept")
	w.setOffline(true)
	w.waitFor(`ui.state() === "offline"`)
	w.press("Save")
	w.waitFor(`ui.text(".panel .notice").includes("cannot be reached")`)
	w.setOffline(false)
	w.waitFor(`ui.state() === "live" && !document.querySelector(".panel .notice") && ui.value("f-notes") === "kept"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "kept", findContact(t, "back", "Lovelace")["notes"])
}

// After an hour of sleep the page is up to date at once, although its socket looks open.
func TestPageIsUpToDateAfterSleep(t *testing.T) {
	insertContacts(t, person("sleep", "Ada", "Lovelace"))
	// window.asleep mutes a socket by its number; window.skip moves the clock forward.
	w := openLive(t, "/?workspace=sleep", viewport{script: `
		{ const real = Date.now; window.skip = 0; Date.now = () => real() + window.skip;
		  const WS = window.WebSocket; window.opened = 0;
		  window.WebSocket = class extends WS { constructor(url) { super(url); window.opened++; this.number = window.opened;
		    this.addEventListener("message", (e) => { if (window.asleep === this.number) e.stopImmediatePropagation(); }); } }; }`})
	w.exec(`window.asleep = window.opened`)
	insertContacts(t, person("sleep", "Grace", "Hopper"))
	w.exec(`window.skip = 3600e3`)
	watch := realtest.StartStopwatch(t)
	w.waitFor(`ui.row("Grace Hopper")`)
	t.Logf("up to date %v after waking", watch.Stop())
	require.Less(t, watch.Stop(), watch.Allow(10*time.Second))
	w.waitFor(`ui.state() === "live"`)
}

func TestInstanceKilledAndRestarted(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	i, err := startInstance(ctx, "killed", suite.mongo.URI, suite.redis.URL)
	require.NoError(t, err)
	t.Cleanup(i.kill)
	insertContacts(t, person("killed", "Ada", "Lovelace"))
	w := openAt(t, i, "/?workspace=killed", viewport{})
	w.waitFor(`ui.state() === "live" && ui.row("Ada Lovelace")`)
	i.kill()
	w.waitFor(`ui.state() === "offline" || ui.state() === "connecting"`)
	insertContacts(t, person("killed", "Grace", "Hopper"))
	deleteContact(t, "killed", "Lovelace")
	require.NoError(t, i.start(ctx))
	w.waitFor(`ui.state() === "live"`)
	w.waitFor(`ui.names().join() === "Grace Hopper"`)
	insertContacts(t, person("killed", "Alan", "Turing"))
	w.waitFor(`ui.names().join() === "Grace Hopper,Alan Turing"`)
}

func TestDegradedAndRecovered(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	program, err := servers.FindRedis(ctx)
	require.NoError(t, err)
	redis, err := servers.StartRedis(ctx, program, t.TempDir(), 0)
	require.NoError(t, err)
	t.Cleanup(redis.Kill)
	i, err := startInstance(ctx, "degraded", suite.mongo.URI, redis.URL, "MONGO_DB=degraded", "MAX_STALENESS=3s")
	require.NoError(t, err)
	t.Cleanup(i.kill)
	w := openAt(t, i, "/", viewport{width: 360, height: 740, phone: true})
	w.waitFor(`ui.state() === "live"`)

	require.NoError(t, redis.Signal(syscall.SIGSTOP))
	t.Cleanup(func() { _ = redis.Signal(syscall.SIGCONT) })
	w.waitFor(`ui.state() === "degraded"`)
	w.waitFor(`ui.text(".banner.warn").startsWith("Changes arrive late")`)
	require.Empty(t, eval[[]string](w, overflowing))
	w.press("New contact") // writes need only MongoDB
	w.fill("f-firstName", "Ada")
	w.press("Create contact")
	w.waitForRow("Ada")
	require.NoError(t, redis.Signal(syscall.SIGCONT))
	w.waitFor(`ui.state() === "live"`)

	// Redis loses everything: the event log starts again, and the page is told to read again.
	url, err := goredis.ParseURL(redis.URL)
	require.NoError(t, err)
	client := goredis.NewClient(url)
	defer func() { _ = client.Close() }()
	require.NoError(t, client.FlushAll(ctx).Err())
	contacts := suite.db.Client().Database("degraded").Collection("contacts")
	_, err = contacts.InsertOne(ctx, person("default", "Grace", "Hopper"))
	require.NoError(t, err)
	w.waitForRow("Grace Hopper")
	_, err = contacts.DeleteOne(ctx, bson.D{{Key: "firstName", Value: "Ada"}})
	require.NoError(t, err)
	w.waitForNoRow("Ada")
	w.waitFor(`ui.state() === "live"`)
}

// After an update of the program the contacts get their places in lists anew. A banner says how far that is, until all have one.
func TestBannerSaysHowFarContactsAreFormed(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	i, err := startInstance(ctx, "forming", suite.mongo.URI, suite.redis.URL, "MONGO_DB=forming", "MAX_STALENESS=2m")
	require.NoError(t, err)
	t.Cleanup(i.kill)
	db := suite.db.Client().Database("forming")
	_, err = db.Collection("contacts").InsertOne(ctx, person("default", "Ada", "Lovelace"))
	require.NoError(t, err)
	w := openAt(t, i, "/", viewport{width: 360, height: 740, phone: true})
	w.waitFor(`ui.state() === "live" && ui.row("Ada Lovelace")`)
	require.Empty(t, eval[string](w, `ui.text(".banner")`))

	i.runPipelineCommand(t, "pause")
	w.waitFor(`(fetch("/readyz").then((r) => r.json()).then(({ parts }) => (window.watcher = parts.watcher.state)), window.watcher === "paused")`)
	_, err = db.Collection(grapevine.CollectionControl).UpdateByID(ctx, grapevine.ControlForms, bson.D{{Key: "$inc", Value: bson.D{{Key: "requests", Value: int64(1)}}}})
	require.NoError(t, err)
	w.waitFor(`(fetch("/readyz").then((r) => r.json()).then(({ parts }) => (window.forms = parts.forms.state)), window.forms === "forming")`)
	w.exec(`location.reload()`)
	w.waitFor(`ui.text(".banner").startsWith("Contacts get their place in lists and searches:")`)
	require.Empty(t, eval[[]string](w, overflowing))
	i.runPipelineCommand(t, "resume")
	w.waitFor(`ui.row("Ada Lovelace") && !document.querySelector(".banner")`)
}

func TestMongoDBHangsAndContinues(t *testing.T) {
	insertContacts(t, person("hung", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=hung", viewport{})
	w.waitForRow("Ada Lovelace")
	require.NoError(t, suite.mongo.Signal(syscall.SIGSTOP))
	t.Cleanup(func() { _ = suite.mongo.Signal(syscall.SIGCONT) })
	w.waitFor(`ui.state() === "degraded"`)
	w.exec(`ui.row("Ada Lovelace").click()`)
	w.waitFor(`ui.text(".panel .notice").includes("The database cannot be reached")`)
	require.NoError(t, suite.mongo.Signal(syscall.SIGCONT))
	w.waitFor(`ui.state() === "live"`)
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace" && !document.querySelector(".panel .notice")`) // without a click
}

func TestDeleteCanBeUndoneAndLeavingThePageSendsIt(t *testing.T) {
	insertContacts(t, person("undo", "Ada", "Lovelace"), person("undo", "Alan", "Turing"))
	w := openLive(t, "/?workspace=undo", viewport{})
	id := findContact(t, "undo", "Lovelace")["_id"]
	w.openRow("Ada Lovelace")
	w.press("Delete")
	w.waitFor(`!ui.row("Ada Lovelace") && !document.querySelector(".panel")`)
	w.waitFor(`ui.button("Undo")`)
	w.keys("u")
	w.waitForRow("Ada Lovelace")
	require.Equal(t, id, findContact(t, "undo", "Lovelace")["_id"]) // the same contact, not a copy

	w.openRow("Alan Turing")
	w.press("Delete")
	w.waitForNoRow("Alan Turing")
	require.EqualValues(t, 2, countContacts(t, "undo"))
	// The way back may lead to the same page. Its message offers nothing any more, long before its time is over.
	require.True(t, eval[bool](w, `new Promise((resolve) => {
		dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}));
		let frames = 0;
		const next = () => (++frames < 5 ? requestAnimationFrame(next) : resolve(!ui.button("Undo")));
		requestAnimationFrame(next);
	})`))
	w.exec(`location.assign("/inspect")`)
	require.Eventually(t, func() bool { return countContacts(t, "undo") == 1 }, waitTimeout, 50*time.Millisecond)
}

func TestDeleteIsCancelledByAnEdit(t *testing.T) {
	insertContacts(t, person("giveway", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=giveway", viewport{})
	w.openRow("Ada Lovelace")
	w.press("Delete")
	w.waitForNoRow("Ada Lovelace")
	updateContacts(t, "giveway", "Lovelace", bson.D{{Key: "notes", Value: "needed"}})
	w.waitForRow("Ada Lovelace")
	w.waitFor(`ui.text(".toasts").includes("was not deleted")`)
	require.EqualValues(t, 1, countContacts(t, "giveway"))
}
