//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestPipelineShowsADirectEditStepByStep(t *testing.T) {
	w := openLive(t, "/inspect?workspace=traced", viewport{width: 1440, height: 1000})
	insertContacts(t, person("traced", "Ada", "Lovelace"))
	w.waitFor(`document.querySelector(".trace .op.created") && ui.text(".trace .who b") === "Ada Lovelace"`)
	w.waitFor(`ui.text(".trace .source") === "MongoDB"`)
	updateContacts(t, "traced", "Lovelace", bson.D{{Key: "notes", Value: "a new note"}})
	edit := `document.querySelector(".trace.updated .trace-row:has(.what)")` // the write of the derived part follows: an update of no field
	w.waitFor(edit)
	w.exec(edit + `.click()`)
	w.waitFor(`document.querySelectorAll(".waterfall li").length === 7`)
	require.Equal(t, []string{"Committed in MongoDB", "Seen by the watcher", "Invalidated in the cache", "Enqueued as jobs", "Broadcast to rooms", "Here in this browser", "Checkpoint moved"},
		eval[[]string](w, `[...document.querySelectorAll(".waterfall .step")].map((s) => s.textContent)`))
	require.Equal(t, "Notes a new note", eval[string](w, `ui.text(".diffs dt") + " " + ui.text(".diffs ins")`))

	// The figures of the instance, and commands with real addresses and ids.
	w.waitFor(`ui.text(".instances").includes("holds the lease")`)
	w.waitFor(`document.querySelectorAll(".graphs canvas").length === 2`)
	id := findContact(t, "traced", "Lovelace")["_id"].(bson.ObjectID).Hex()
	w.waitFor(`[...document.querySelectorAll(".try code")].some((c) => c.textContent.includes(` + quote(id) + `))`)
	w.waitFor(`[...document.querySelectorAll(".try code")].some((c) => c.textContent.startsWith("mongosh 'mongodb://127.0.0.1:"))`)
}

func TestJobOfAChangeIsInAsynqmon(t *testing.T) {
	w := openLive(t, "/inspect?workspace=asynqmon", viewport{})
	insertContacts(t, person("asynqmon", "Ada", "Lovelace"))
	created := `document.querySelector(".trace.created .trace-row")` // an update without a job follows
	w.waitFor(created)
	w.exec(created + `.click()`)
	w.waitFor(`ui.text(".detail .links .badge").startsWith("done")`)
	link := eval[string](w, `document.querySelector(".detail a[href^='/jobs/']").getAttribute("href")`)
	id := findContact(t, "asynqmon", "Lovelace")["_id"].(bson.ObjectID).Hex()
	require.Equal(t, "/jobs/queues/grapevine/tasks/welcome%3A"+id, link)

	task := open(t, link, viewport{})
	task.waitFor(`document.body.innerText.includes("welcome:` + id + `") && document.body.innerText.includes("contact:welcome")`)
	queues := open(t, "/jobs/", viewport{})
	queues.waitFor(`document.body.innerText.includes("grapevine")`)
	queues.waitFor(`document.querySelector("a[href$='/queues/grapevine']")`)
}

func TestDemonstrationLeavesNothingBehind(t *testing.T) {
	w := openLive(t, "/inspect?workspace=demo", viewport{})
	w.press("Create, edit and delete a sample")
	w.waitFor(`document.querySelector(".op.created") && document.querySelector(".op.updated") && document.querySelector(".op.deleted")`)
	require.Zero(t, countContacts(t, "demo"))
}

func TestBrowserClockIsCorrected(t *testing.T) {
	w := openLive(t, "/inspect?workspace=clock", viewport{script: `{ const real = performance.timeOrigin;
		Object.defineProperty(performance, "timeOrigin", {get: () => real - 3600e3}); }`})
	w.waitFor(`ui.text(".skew").startsWith("This computer's clock is 60 min behind the server's.")`)
	insertContacts(t, person("clock", "Ada", "Lovelace"))
	w.waitFor(`document.querySelector(".trace")`)
	w.exec(`document.querySelector(".trace-row").click()`)
	w.waitFor(`[...document.querySelectorAll(".waterfall li")].some((li) => /^Here in this browser ?\+[\d.]+ (ms|s)$/.test(li.textContent.replace(/\s+/g, " ").trim()))`)
}

func TestPipelineOfAnotherWorkspace(t *testing.T) {
	w := openLive(t, "/inspect?workspace=elsewhere", viewport{})
	w.waitFor(`ui.text(".workspace summary").startsWith("Workspace elsewhere")`)
	w.keys("s")
	w.waitFor(`location.pathname + location.search === "/?workspace=elsewhere&view=statistics" && ui.state() === "live"`)
	w.keys("i")
	w.waitFor(`location.pathname + location.search === "/inspect?workspace=elsewhere"`)
}
