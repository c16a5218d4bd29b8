//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// overflowing lists elements beyond the right edge of the window that cannot be scrolled to.
const overflowing = `[...document.querySelectorAll("#app *")].filter((e) => e.checkVisibility({visibilityProperty: true}) &&
	!e.closest(".offscreen, .grid, .preview, .code, .trace-list, svg") && e.getBoundingClientRect().right > innerWidth + 1)
	.map((e) => e.tagName + "." + e.className)`

// smallTargets lists controls whose clickable area is less than 40 px high, except those partly out of view.
const smallTargets = `[...document.querySelectorAll("#app :is(button, a, input, select, summary)")].filter((e) => {
	const target = e.matches("[type=radio]") ? e.closest("label") : e;
	const r = target.getBoundingClientRect();
	if (!e.checkVisibility({visibilityProperty: true}) || e.closest(".offscreen, .trace .who, p, .status, .tagbox input") || r.width < 2) return false;
	const x = r.left + r.width / 2, y = r.top + r.height / 2;
	const hits = (dy) => target.contains(document.elementFromPoint(x, y + dy));
	if (y < 170 && e.closest(".inspect") || y < e.closest(".fields")?.getBoundingClientRect().top + 20 || y > innerHeight - 100 || !hits(0)) return false;
	let n = 1;
	for (let dy = 1; dy < 30 && hits(dy); dy++) n++;
	for (let dy = -1; dy > -30 && hits(dy); dy--) n++;
	return n < 39;
}).map((e) => (e.ariaLabel || e.id || e.textContent.trim()) + " of " + e.className)`

func TestEverythingFitsTheWindow(t *testing.T) {
	long := strings.Repeat("Wolfeschlegelsteinhausen", 5)
	tags := bson.A{strings.Repeat("long-tag-", 12)}
	for i := range 30 {
		tags = append(tags, fmt.Sprintf("tag-%d", i))
	}
	insertContacts(t, person("sizes", long, long, bson.E{Key: "company", Value: long}, bson.E{Key: "email", Value: long + "@example.com"}, bson.E{Key: "tags", Value: tags},
		bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "street", Value: long}}}},
		bson.E{Key: "phones", Value: bson.A{labelled(long, long), labelled("", "1")}}, bson.E{Key: "custom", Value: bson.A{labelled("x", long+"\n"+long)}}, bson.E{Key: "title", Value: long}),
		person("sizes", "محمد", "الخوارزمي", bson.E{Key: "company", Value: "بيت الحكمة"}, bson.E{Key: "tags", Value: bson.A{"tag-1"}}))
	for _, v := range []viewport{{width: 360, height: 740, phone: true}, {width: 768, height: 1024}, {width: 1024, height: 768}, {width: 1366, height: 768}} {
		t.Run(fmt.Sprint(v.width), func(t *testing.T) {
			fits := func(w *window, what string) {
				t.Helper()
				waitForAnimations(w)
				require.Empty(t, eval[[]string](w, overflowing), what)
				if v.phone {
					require.Empty(t, eval[[]string](w, smallTargets), what)
				}
			}
			w := openLive(t, "/?workspace=sizes&tag=tag-1&q=w", v)
			w.waitForRow(long + " " + long)
			fits(w, "list")
			w.openRow(long + " " + long)
			fits(w, "panel")
			if v.width >= 1366 {
				require.Less(t, eval[int](w, `document.querySelector(".toolbar").offsetHeight`), 60) // one row
			}
			w.press("Edit")
			w.waitFor(`document.querySelector(".fields")`)
			fits(w, "form")
			for _, top := range []int{400, 900} {
				w.exec(fmt.Sprintf(`document.querySelector(".fields").scrollTo(0, %d)`, top))
				fits(w, "form, scrolled")
			}
			if v.phone {
				w.press("Close")
			}
			w.press("Import")
			w.chooseFile("people.csv", "Vorname,"+long+",E-Mail\n"+long+",1,ada@example.com\nAlan,2,no address\n,3,\n")
			w.waitFor(`document.querySelector("#import .mapping")`)
			fits(w, "report of a file")
			w = openLive(t, "/?workspace=sizes&view=statistics", v)
			w.waitFor(`document.querySelectorAll(".bars button").length > 3`)
			fits(w, "statistics")
			w = openLive(t, "/inspect?workspace=sizes", v)
			w.waitFor(`document.querySelector(".instances dl")`)
			insertContacts(t, person("sizes-inspect", long, long))
			w.waitFor(`document.querySelector(".trace-row")`)
			w.exec(`document.querySelector(".trace-row").click()`)
			fits(w, "pipeline")
			w.exec(`document.querySelector(".try").scrollIntoView()`)
			fits(w, "pipeline, scrolled")
		})
	}
}

// A window of 1280 pixels enlarged to 200 %: the filters fold into their menu, and the list keeps its rows.
func TestToolbarFoldsInALowWindow(t *testing.T) {
	for i := range 12 {
		insertContacts(t, person("folded", "Number", fmt.Sprintf("%02d", i)))
	}
	w := openLive(t, "/?workspace=folded", viewport{width: 640, height: 400})
	w.waitForRow("Number 00")
	require.Less(t, eval[int](w, `document.querySelector(".toolbar").offsetHeight`), 70)
	require.Empty(t, eval[[]string](w, overflowing))
	w.exec(`document.querySelector(".menu.filters summary").click()`)
	w.exec(`document.getElementById("filter-company").focus()`)
	w.waitFor(`document.querySelector("#filter-company-list:not([hidden])")`)
}
