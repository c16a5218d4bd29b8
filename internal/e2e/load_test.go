//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestTenThousandRows(t *testing.T) {
	const n = 10_000
	var all []bson.D
	for i := range n {
		all = append(all, person("many", "Number", fmt.Sprintf("%05d", i+1), bson.E{Key: "company", Value: fmt.Sprintf("C%d", i%7)}))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "many") // until then rows move while the test scrolls
	w := openLive(t, "/?workspace=many", viewport{})
	w.waitFor(`ui.text("#count") === "10,000 contacts"`)
	w.waitForRow("Number 00001")
	require.Less(t, eval[int](w, `document.querySelectorAll(".body .row").length`), 120)

	// Scroll as a wheel does, then down the whole list, several screens a frame. At the end the last row is there and the
	// document has few rows.
	scroll := func(step string, frames int) {
		eval[bool](w, fmt.Sprintf(`new Promise((done) => {
			const grid = document.getElementById("grid");
			let frame = 0;
			const step = () => {
				grid.scrollTop += %s;
				if (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 2 && ++frame < %d) requestAnimationFrame(step); else done(true);
			};
			requestAnimationFrame(step);
		})`, step, frames))
	}
	const frames = 200
	tasks := w.taskCPUTimes(func() { scroll("240", frames) })
	require.Greater(t, len(tasks), frames)
	t.Logf("a frame of scrolling: %v for 95 of 100, longest %v", tasks[frames/20], tasks[0])
	require.LessOrEqual(t, tasks[frames/20], 33*time.Millisecond)
	scroll("3 * grid.clientHeight", 1500)
	w.waitFor(`ui.row("Number 10000")`)
	require.Less(t, eval[int](w, `document.querySelectorAll(".body .row").length`), 120)

	// New rows above do not move the visible rows.
	w.exec(`document.getElementById("grid").scrollTop = 200000`)
	w.waitFor(`ui.row("Number 04770")`)
	place := `Math.round(ui.row("Number 04770").getBoundingClientRect().top)`
	before := eval[int](w, place)
	insertContacts(t, person("many", "First", "00000"), person("many", "Second", "00000"))
	w.waitFor(`ui.text("#count") === "10,002 contacts"`)
	w.waitFor(fmt.Sprintf(`Math.abs(%s - %d) <= 1`, place, before))

	w.keys("g")
	w.keys(kb.Home)
	w.waitForRow("First 00000")
	w.keys(kb.End)
	w.waitForRow("Number 10000")

	// A filter over the whole list, whose count comes from the statistics.
	w.exec(`document.querySelector("#filter-company").focus()`)
	w.fill("filter-company", "C3")
	w.waitFor(`document.querySelector("#filter-company-0")`)
	w.keys(kb.Enter)
	w.waitFor(`ui.text("#count") === "1,429 contacts"`)
	w.waitForRow("Number 00004")
}

// Contacts arrive, and find their places, while a person scrolls through the list. Afterwards it holds each of them once, in order.
func TestContactsArriveDuringAScroll(t *testing.T) {
	const n, more = 1_000, 100
	var all, late []bson.D
	for i := range n {
		c := person("arrive", "Number", fmt.Sprintf("%05d", i))
		if i%(n/more) == 0 {
			late = append(late, c)
		} else {
			all = append(all, c)
		}
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "arrive")
	w := openLive(t, "/?workspace=arrive", viewport{})
	w.waitForRow("Number 00001")
	// Half a screen for each frame down, and back up, until the test says that all have arrived and the list is at its end.
	w.exec(`(() => {
		const grid = document.getElementById("grid");
		let way = 1;
		const step = () => {
			grid.scrollTop += way * grid.clientHeight / 2;
			if (grid.scrollTop === 0) way = 1;
			if (grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 2) way = -1;
			if (!window.arrived) requestAnimationFrame(step);
		};
		requestAnimationFrame(step);
	})()`)
	for part := range slices.Chunk(late, more/10) {
		insertContacts(t, part...)
	}
	waitUntilFormed(t, "arrive")
	w.waitFor(`ui.text("#count") === "1,000 contacts" && ui.state() === "live"`)
	w.exec(`window.arrived = true`)

	seen := eval[[]string](w, `new Promise((done) => {
		const grid = document.getElementById("grid"), names = new Map();
		grid.scrollTop = 0;
		const step = () => {
			for (const row of ui.rows()) names.set(Number(row.ariaRowIndex), row.querySelector(".cell.name .fullname").textContent);
			if (names.size >= 1000) return done([...names].sort((a, b) => a[0] - b[0]).map(([, name]) => name));
			const end = grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 2;
			grid.scrollTop = end ? 0 : grid.scrollTop + grid.clientHeight / 2; // a slow frame leaves rows out: once more from the top
			requestAnimationFrame(step);
		};
		requestAnimationFrame(() => requestAnimationFrame(step));
	})`)
	require.Len(t, seen, n)
	require.True(t, slices.IsSorted(seen))
	require.Len(t, slices.Compact(seen), n)
}

// Many changes at once: the page applies them in parts and ends equal to MongoDB.
func TestFloodOfChanges(t *testing.T) {
	const n = 8_000
	var all []bson.D
	for i := range n {
		all = append(all, person("flood", "Number", fmt.Sprintf("%05d", i+1)))
	}
	insertContacts(t, all...)
	w := openLive(t, "/?workspace=flood", viewport{})
	w.waitFor(`ui.text("#count") === "8,000 contacts"`)
	contacts := suite.db.Collection("contacts")
	here := bson.D{{Key: "workspace", Value: "flood"}}
	tasks := w.taskCPUTimes(func() {
		for _, company := range []string{"First", "Second"} {
			_, err := contacts.UpdateMany(t.Context(), here, bson.D{{Key: "$set", Value: bson.D{{Key: "company", Value: company}}}})
			require.NoError(t, err)
		}
		_, err := contacts.DeleteMany(t.Context(), append(here, bson.E{Key: "lastName", Value: bson.D{{Key: "$gt", Value: "00010"}}}))
		require.NoError(t, err)
		w.waitFor(`ui.text("#count") === "10 contacts"`)
		w.waitFor(`ui.rows().length === 10 && ui.rows().every((r) => r.querySelector(".cell.company").textContent.trim() === "Second")`)
		w.waitFor(`ui.state() === "live"`)
	})
	t.Logf("the longest tasks during 24,000 changes: %v", tasks[:5])
	require.LessOrEqual(t, tasks[0], 100*time.Millisecond)
}
