//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestPipelineShowsADirectEditStepByStep(t *testing.T) {
	w := live(t, "/inspect?workspace=traced", look{width: 1440, height: 1000})
	insert(t, person("traced", "Ada", "Lovelace"))
	w.until(`document.querySelector(".trace .op.created") && seen.text(".trace .who b") === "Ada Lovelace"`)
	w.until(`seen.text(".trace .source") === "MongoDB"`)
	set(t, "traced", "Lovelace", bson.D{{Key: "notes", Value: "a new note"}})
	w.until(`seen.text(".trace .op.updated") === "Updated"`)
	w.do(`document.querySelector(".trace-row").click()`)
	w.until(`document.querySelectorAll(".waterfall li").length === 7`)
	require.Equal(t, []string{"Committed in MongoDB", "Seen by the watcher", "Forgotten by the cache", "Enqueued as jobs", "Broadcast to rooms", "Here in this browser", "Checkpoint moved"},
		eval[[]string](w, `[...document.querySelectorAll(".waterfall .step")].map((s) => s.textContent)`))
	require.Equal(t, "Notes a new note", eval[string](w, `seen.text(".diffs dt") + " " + seen.text(".diffs ins")`))

	// The figures of the instance, and lines that can be pasted as they are.
	w.until(`seen.text(".instances").includes("holds the lease")`)
	w.until(`document.querySelectorAll(".graphs canvas").length === 2`)
	id := stored(t, "traced", "Lovelace")["_id"].(bson.ObjectID).Hex()
	w.until(`[...document.querySelectorAll(".try code")].some((c) => c.textContent.includes(` + quote(id) + `))`)
	w.until(`[...document.querySelectorAll(".try code")].some((c) => c.textContent.startsWith("mongosh 'mongodb://127.0.0.1:"))`)
}

func TestJobOfAChangeIsInAsynqmon(t *testing.T) {
	w := live(t, "/inspect?workspace=asynqmon", look{})
	insert(t, person("asynqmon", "Ada", "Lovelace"))
	w.until(`document.querySelector(".trace")`)
	w.do(`document.querySelector(".trace-row").click()`)
	w.until(`seen.text(".detail .links .badge").startsWith("done")`)
	link := eval[string](w, `document.querySelector(".detail a[href^='/jobs/']").getAttribute("href")`)
	id := stored(t, "asynqmon", "Lovelace")["_id"].(bson.ObjectID).Hex()
	require.Equal(t, "/jobs/queues/grapevine/tasks/welcome%3A"+id, link)

	task := open(t, link, look{})
	task.until(`document.body.innerText.includes("welcome:` + id + `") && document.body.innerText.includes("contact:welcome")`)
	queues := open(t, "/jobs/", look{})
	queues.until(`document.body.innerText.includes("grapevine")`)
	queues.until(`document.querySelector("a[href$='/queues/grapevine']")`)
}

func TestDemonstrationLeavesNothingBehind(t *testing.T) {
	w := live(t, "/inspect?workspace=demo", look{})
	w.press("Create, edit and delete a sample")
	w.until(`document.querySelector(".op.created") && document.querySelector(".op.updated") && document.querySelector(".op.deleted")`)
	require.Zero(t, countIn(t, "demo"))
}

func TestTheBrowsersClockIsNotTakenForMongoDBs(t *testing.T) {
	w := live(t, "/inspect?workspace=clock", look{script: `{ const real = performance.timeOrigin;
		Object.defineProperty(performance, "timeOrigin", {get: () => real - 3600e3}); }`})
	w.until(`seen.text(".skew").startsWith("This computer's clock is 60 min behind the server's.")`)
	insert(t, person("clock", "Ada", "Lovelace"))
	w.until(`document.querySelector(".trace")`)
	w.do(`document.querySelector(".trace-row").click()`)
	w.until(`[...document.querySelectorAll(".waterfall li")].some((li) => /^Here in this browser ?\+[\d.]+ (ms|s)$/.test(li.textContent.replace(/\s+/g, " ").trim()))`)
}

func TestPipelineOfAnotherWorkspace(t *testing.T) {
	w := live(t, "/inspect?workspace=elsewhere", look{})
	w.until(`seen.text(".workspace summary").startsWith("Workspace elsewhere")`)
	w.keys("s")
	w.until(`location.pathname + location.search === "/?workspace=elsewhere&view=statistics" && seen.state() === "live"`)
	w.keys("i")
	w.until(`location.pathname + location.search === "/inspect?workspace=elsewhere"`)
}
