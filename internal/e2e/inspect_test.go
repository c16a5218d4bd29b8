//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

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

// Figures say what they count, each in a tile of its own, and the menu leads to the jobs and to the API.
func TestFiguresOfThePipeline(t *testing.T) {
	w := openLive(t, "/inspect?workspace=figures", viewport{width: 1440, height: 1000})
	w.waitFor(`document.querySelectorAll(".figure").length === 11 && [...document.querySelectorAll(".figure b")].every((b) => !b.textContent.includes("·"))`)
	require.Contains(t, eval[string](w, `[...document.querySelectorAll(".figure")].find((f) => f.textContent.includes("lag of the watcher")).title`), "without the way to a browser")
	require.Contains(t, eval[string](w, `ui.text(".stage[data-stage=cache]")`), "Invalidated")
	german := openLive(t, "/inspect?workspace=figures", viewport{width: 1210, height: 800, script: `Object.defineProperty(navigator, "languages", {get: () => ["de-DE"], configurable: true});`})
	german.waitFor(`[...document.querySelectorAll(".figure span")].some((span) => span.textContent === "Aufträge vor neuem Versuch")`)
	for _, w := range []*window{w, german} {
		require.Empty(t, eval[[]string](w, overflowing))
		require.Empty(t, eval[[]string](w, `[...document.querySelectorAll(".figure")].filter((f) => f.scrollWidth > f.clientWidth).map((f) => f.textContent)`))
	}
	for text, path := range map[string]string{"Jobs": "/jobs", "API": "/docs"} {
		w := openLive(t, "/inspect?workspace=figures", viewport{})
		w.exec(`document.querySelector(".app-menu summary").click()`)
		w.exec(fmt.Sprintf(`[...document.querySelectorAll(".app-menu button")].find((b) => b.textContent.includes(%s)).click()`, quote(text)))
		w.waitFor(fmt.Sprintf(`location.pathname.startsWith(%s)`, quote(path)))
	}
}

// A burst changes neither the place of what is below the list of changes nor the page's answers. What others did before the page
// was opened is nothing that it left out.
func TestPipelineDuringABurst(t *testing.T) {
	const n = 10_000
	var all []bson.D
	for i := range n {
		all = append(all, person("burst", "Number", fmt.Sprintf("%05d", i)))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "burst")
	w := openLive(t, "/inspect?workspace=burst-page", viewport{width: 1440, height: 1000})
	insertContacts(t, person("burst-page", "Ada", "Lovelace"))
	w.waitFor(`ui.text(".trace .who b") === "Ada Lovelace"`)
	require.Empty(t, eval[string](w, `[...document.querySelectorAll(".trace")].at(-1).querySelector(".left-out")?.textContent ?? ""`))

	tasks := w.taskCPUTimes(func() {
		_, err := suite.db.Collection("contacts").UpdateMany(t.Context(), bson.D{{Key: "workspace", Value: "burst"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "met"}}}})
		require.NoError(t, err)
		w.waitFor(`document.querySelector(".left-out") && document.querySelectorAll(".trace").length > 100`)
		rate := `[...document.querySelectorAll(".figure")].find((f) => f.textContent.includes("changes a second")).querySelector("b").textContent`
		w.waitFor(rate + ` === "0"`)
		// The page shows a limited number of changes a second. It leaves out an edit that others of the burst precede in its second.
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for edits := 0; !w.isTrue(`ui.text(".trace .who b") === "Ada Lovelace"`); edits++ {
			require.Less(t, time.Duration(edits)*time.Second, waitTimeout, "an edit after the burst is not shown")
			updateContacts(t, "burst-page", "Lovelace", bson.D{{Key: "notes", Value: fmt.Sprint("after the burst: ", edits)}})
			<-tick.C
		}
	})
	t.Logf("the longest tasks during 20,000 changes: %v", tasks[:5])
	// Most runs need less than 80 ms. A machine that is busy with other work also makes a task's CPU time longer, to 111 ms.
	require.LessOrEqual(t, tasks[0], 200*time.Millisecond)
	require.Less(t, eval[float64](w, `document.querySelector(".try").getBoundingClientRect().top + document.querySelector(".left").scrollTop`), 1400.0)
	require.Less(t, eval[float64](w, `document.querySelector(".trace-list").offsetHeight`), 700.0)
}

// Changes that come one by one, 40 a second, are drawn together.
func TestPipelineIsNotDrawnForEachChange(t *testing.T) {
	insertContacts(t, person("steady", "Ada", "Lovelace"))
	w := openLive(t, "/inspect?workspace=steady", viewport{})
	const changes = 80
	edit := func(notes string) {
		updateContacts(t, "steady", "Lovelace", bson.D{{Key: "notes", Value: notes}})
	}
	edit("before")
	w.waitFor(`document.querySelector(".trace.updated")`)
	w.exec(`(window.begun = performance.now(), window.drawn = 0, new MutationObserver(() => drawn++).observe(document.querySelector(".trace-list"), { childList: true }))`)
	tick := time.NewTicker(time.Second / 40)
	defer tick.Stop()
	for i := range changes {
		<-tick.C
		edit(fmt.Sprint(i))
	}
	drawn := eval[[]float64](w, `[drawn, (performance.now() - begun) / 120]`)
	require.LessOrEqual(t, drawn[0], drawn[1]+1, "at most one drawing in 120 ms, however many changes there are")
	require.Greater(t, drawn[0], 5.0)
}

// The diagram says which change it shows, and follows it to the end of its job.
func TestDiagramFollowsOneChange(t *testing.T) {
	w := openLive(t, "/inspect?workspace=follow", viewport{})
	require.Zero(t, eval[int](w, `document.querySelectorAll(".experiments").length`)) // only the command dev has some
	insertContacts(t, person("follow", "Ada", "Lovelace"))
	w.waitFor(`ui.text(".which").startsWith("Created: Ada Lovelace, committed at")`)
	w.waitFor(`ui.text(".stage[data-stage=job] .at").startsWith("+") && ui.text(".stage[data-stage=browser] .at").startsWith("+")`)
	require.NotEmpty(t, eval[string](w, `document.querySelector(".diagram a").getAttribute("href")`)) // the queue

	// A change that is opened is followed until it is closed.
	w.exec(`document.querySelector(".trace.created .trace-row").click()`)
	w.waitFor(`ui.text(".waterfall").includes("Job done by a worker")`)
	insertContacts(t, person("follow-elsewhere", "Alan", "Turing"))
	w.waitFor(`[...document.querySelectorAll(".trace.created .who")].some((who) => who.textContent.includes("Turing"))`)
	require.Contains(t, eval[string](w, `ui.text(".which")`), "Ada Lovelace")
	w.exec(`document.querySelector(".trace.open .trace-row").click()`)
	w.waitFor(`ui.text(".which").includes("Turing") && ui.text(".stage[data-stage=browser]").includes("in “follow-elsewhere”")`)
}
