//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"testing"

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
	insert(t, all...)
	w := live(t, "/?workspace=many", look{})
	w.until(`seen.text("#count") === "10,000 contacts"`)
	w.has("Number 00001")
	require.Less(t, eval[int](w, `document.querySelectorAll(".body .row").length`), 120)

	// Down the whole list, some screens in each frame: what is in sight is there in the end, and few rows
	// are in the document. How long a frame takes says more about the machine than about the page, so it
	// is reported and not judged.
	frames := eval[[]float64](w, `new Promise((done) => {
		const grid = document.getElementById("grid"), times = [];
		let last = performance.now();
		const step = () => {
			const now = performance.now(); times.push(now - last); last = now;
			grid.scrollTop += 3 * grid.clientHeight;
			if (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 2 && times.length < 1500) requestAnimationFrame(step); else done(times);
		};
		requestAnimationFrame(step);
	})`)
	w.until(`seen.row("Number 10000")`)
	require.Less(t, eval[int](w, `document.querySelectorAll(".body .row").length`), 120)
	slices.Sort(frames)
	t.Logf("%d frames, median %.0f ms, longest %.0f ms", len(frames), frames[len(frames)/2], frames[len(frames)-1])

	// What comes in above does not move what is in sight.
	w.do(`document.getElementById("grid").scrollTop = 200000`)
	w.until(`seen.row("Number 04770")`)
	place := `Math.round(seen.row("Number 04770").getBoundingClientRect().top)`
	before := eval[int](w, place)
	insert(t, person("many", "First", "00000"), person("many", "Second", "00000"))
	w.until(`seen.text("#count") === "10,002 contacts"`)
	w.until(fmt.Sprintf(`Math.abs(%s - %d) <= 1`, place, before))

	w.keys("g")
	w.keys(kb.Home)
	w.has("First 00000")
	w.keys(kb.End)
	w.has("Number 10000")

	// A filter over all of it, with its count from the statistics.
	w.do(`document.querySelector("#filter-company").focus()`)
	w.fill("filter-company", "C3")
	w.until(`document.querySelector("#filter-company-0")`)
	w.keys(kb.Enter)
	w.until(`seen.text("#count") === "1,429 contacts"`)
	w.has("Number 00004")
}

// A write of everything at once: the page takes the flood in parts and ends where MongoDB is.
func TestFloodOfChanges(t *testing.T) {
	const n = 8_000
	var all []bson.D
	for i := range n {
		all = append(all, person("flood", "Number", fmt.Sprintf("%05d", i+1)))
	}
	insert(t, all...)
	w := live(t, "/?workspace=flood", look{})
	w.until(`seen.text("#count") === "8,000 contacts"`)
	contacts := world.db.Collection("contacts")
	here := bson.D{{Key: "workspace", Value: "flood"}}
	for _, company := range []string{"First", "Second"} {
		_, err := contacts.UpdateMany(t.Context(), here, bson.D{{Key: "$set", Value: bson.D{{Key: "company", Value: company}}}})
		require.NoError(t, err)
	}
	_, err := contacts.DeleteMany(t.Context(), append(here, bson.E{Key: "lastName", Value: bson.D{{Key: "$gt", Value: "00010"}}}))
	require.NoError(t, err)
	w.until(`seen.text("#count") === "10 contacts"`)
	w.until(`seen.rows().length === 10 && seen.rows().every((r) => r.querySelector(".cell.company").textContent.trim() === "Second")`)
	w.until(`seen.state() === "live"`)
}
