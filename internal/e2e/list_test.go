//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// A link to a contact far below the first page of the list.
func TestLinkShowsTheRow(t *testing.T) {
	var all []bson.D
	for i := range 700 {
		all = append(all, person("linked", "Number", fmt.Sprintf("%03d", i)))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "linked")
	w := openLive(t, "/?workspace=linked&contact="+all[650][0].Value.(bson.ObjectID).Hex(), viewport{})
	w.waitFor(`ui.text("#panel-title") === "Number 650" && ui.row("Number 650")?.ariaSelected === "true"`)
	w.waitFor(`document.getElementById("grid").contains(document.elementFromPoint(100, ui.row("Number 650").getBoundingClientRect().top + 20))`)
	w.keys("j")
	w.waitFor(`ui.text("#panel-title") === "Number 651"`)
}

// More deletions than there are messages in sight; all of them can be undone.
func TestManyDeletionsAreUndone(t *testing.T) {
	for i := range 8 {
		insertContacts(t, person("many-deletions", "Number", fmt.Sprint(i)))
	}
	waitUntilFormed(t, "many-deletions")
	w := openLive(t, "/?workspace=many-deletions", viewport{script: `{ // the time for Undo does not end on a slow machine
		const setTimeoutNow = setTimeout;
		window.setTimeout = (run, ms, ...rest) => setTimeoutNow(run, ms === 6000 ? 1e6 : ms, ...rest);
	}`})
	w.waitFor(`ui.names().length === 8`)
	w.keys("g")
	w.keys(kb.ArrowDown)
	for left := 7; left >= 2; left-- {
		w.keys(kb.Delete)
		w.waitFor(fmt.Sprintf(`ui.names().length === %d`, left))
	}
	require.Equal(t, 4, eval[int](w, `document.querySelectorAll(".toast").length`))
	for range 6 {
		w.keys("u")
	}
	w.waitFor(`ui.names().length === 8 && !document.querySelector(".toast")`)
	require.EqualValues(t, 8, countContacts(t, "many-deletions"))
}

// Every filter at once is in the address, and decides about the list, about what arrives, and which contact is the next.
func TestAllFiltersTogether(t *testing.T) {
	both := bson.A{"vip", "berlin"}
	fits := func(first string, more ...bson.E) bson.D {
		return person("every", first, "X", append(more, bson.E{Key: "company", Value: "Engines"}, bson.E{Key: "owner", Value: "ada"})...)
	}
	insertContacts(t,
		fits("A", bson.E{Key: "tags", Value: both}), fits("B", bson.E{Key: "tags", Value: bson.A{"vip"}}),
		fits("C", bson.E{Key: "tags", Value: both}, bson.E{Key: "email", Value: "c@example.com"}), fits("D", bson.E{Key: "tags", Value: both}),
		person("every", "E", "X", bson.E{Key: "tags", Value: both}, bson.E{Key: "company", Value: "Engines"}))
	waitUntilFormed(t, "every")
	const query = "?workspace=every&company=Engines&tag=vip&tag=berlin&kind=person&owner=ada&without=email" +
		"&createdAfter=2020-01-01&createdBefore=2100-01-01&updatedAfter=2020-01-02&updatedBefore=2100-01-02"
	w := openLive(t, "/"+query, viewport{})
	w.waitFor(`ui.names().join() === "A X,D X"`)
	require.Equal(t, query, eval[string](w, `location.search`))
	require.Equal(t, 8, eval[int](w, `document.querySelectorAll(".filter-bar li").length`))
	w.openRow("A X")
	w.keys("j")
	w.waitFor(`ui.text("#panel-title") === "D X" && document.querySelector('[aria-label="Next contact"]').disabled`)
	insertContacts(t, fits("F", bson.E{Key: "tags", Value: both}), fits("G"))
	w.waitFor(`ui.names().join() === "A X,D X,F X" && !document.querySelector('[aria-label="Next contact"]').disabled`)
	w.press("Close")

	// Each is set in the menu, too.
	w.press("Clear")
	w.waitFor(`location.search === "?workspace=every" && ui.names().length === 7`)
	w.exec(`document.querySelector(".menu.filters summary").click()`)
	for _, set := range []struct{ id, value, names string }{
		{"filter-owner", "ada", "A X,B X,C X,D X,F X,G X"}, {"filter-createdAfter", "2020-01-01", "A X,B X,C X,D X,F X,G X"}, {"filter-updatedBefore", "2020-01-01", ""},
	} {
		w.exec(fmt.Sprintf(`((field) => (field.value = %s, field.dispatchEvent(new Event("change", {bubbles: true}))))(document.getElementById(%s))`, quote(set.value), quote(set.id)))
		w.waitFor(`ui.names().join() === ` + quote(set.names))
	}
	require.Equal(t, "?workspace=every&owner=ada&createdAfter=2020-01-01&updatedBefore=2020-01-01", eval[string](w, `location.search`))
}

// In Safari, dragleave does not say which element comes next. The hint stays until the file has left the page.
func TestDraggedFileDoesNotFlicker(t *testing.T) {
	w := openLive(t, "/?workspace=drag", viewport{})
	w.exec(`window.drag = (type, element) => element.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, relatedTarget: null, dataTransfer: (() => { const d = new DataTransfer(); d.items.add(new File(["x"], "x.csv")); return d; })()}))`)
	w.exec(`drag("dragenter", document.body)`)
	w.waitFor(`document.querySelector(".dropzone")`)
	w.exec(`drag("dragenter", document.querySelector(".toolbar")), drag("dragleave", document.body)`)
	w.exec(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
	require.True(t, eval[bool](w, `Boolean(document.querySelector(".dropzone"))`))
	w.exec(`drag("dragleave", document.querySelector(".toolbar"))`)
	w.waitFor(`!document.querySelector(".dropzone")`)
}

func TestMessagesHaveABorderInHighContrast(t *testing.T) {
	insertContacts(t, person("contrast", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=contrast", viewport{})
	w.runActions("high contrast", call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}}))
	w.openRow("Ada Lovelace")
	w.press("Delete")
	w.waitFor(`document.querySelector(".toast") && getComputedStyle(document.querySelector(".toast")).borderTopWidth === "1px"`)
	w.press("Undo")
}

// The way back leads to the place in the list where the person was.
func TestBackReturnsToThePlace(t *testing.T) {
	var all []bson.D
	for i := range 300 {
		all = append(all, person("place", "Number", fmt.Sprintf("%03d", i)))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "place")
	w := openLive(t, "/?workspace=place", viewport{})
	w.waitForRow("Number 000")
	w.exec(`document.getElementById("grid").scrollTop = 42 * 250`)
	w.waitForRow("Number 250")
	w.fill("search", "008")
	w.waitFor(`ui.names().join() === "Number 008"`)
	w.exec(`history.back()`)
	w.waitForRow("Number 250")
	w.waitFor(`ui.value("search") === "" && document.activeElement.id === "search"`)
	w.exec(`location.href = "/healthz"`)
	w.waitFor(`!document.getElementById("grid")`)
	w.exec(`history.back()`)
	w.waitForRow("Number 250")
}

func TestColumnsAreChosenAndKept(t *testing.T) {
	insertContacts(t, person("columns", "Ada", "Lovelace", bson.E{Key: "title", Value: "Countess"}, bson.E{Key: "tags", Value: bson.A{"a", "b", "c", "d", "e", "f"}}))
	w := openLive(t, "/?workspace=columns", viewport{width: 1500, height: 800})
	heads := `[...document.querySelectorAll(".head .cell")].map((cell) => cell.textContent.trim()).join()`
	w.waitFor(heads + ` === "Name,Company,E-mail,Phone,Tags,Updated"`)
	w.waitFor(`ui.text(".body .cell.tags").endsWith("+2")`)
	w.exec(`document.querySelector(".menu.column-menu summary").click()`)
	w.exec(`[...document.querySelectorAll(".menu.column-menu label")].filter((label) => ["Job title", "Phone"].includes(label.textContent.trim())).forEach((label) => label.click())`)
	w.waitFor(heads + ` === "Name,Company,E-mail,Tags,Updated,Job title"`)
	w.press("Move up: Job title")
	w.waitFor(heads + ` === "Name,Company,E-mail,Tags,Job title,Updated"`)
	w.exec(`location.reload()`)
	w.waitFor(heads + ` === "Name,Company,E-mail,Tags,Job title,Updated" && ui.text(".body .cell.title") === "Countess"`)
}

func TestFiltersCombine(t *testing.T) {
	insertContacts(t,
		person("combine", "Ada", "Lovelace", bson.E{Key: "tags", Value: bson.A{"vip", "berlin"}}, bson.E{Key: "email", Value: "ada@example.com"}),
		person("combine", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"vip", "berlin"}}),
		person("combine", "Grace", "Hopper", bson.E{Key: "tags", Value: bson.A{"vip"}}))
	waitUntilFormed(t, "combine")
	w := openLive(t, "/?workspace=combine", viewport{})
	w.waitFor(`ui.names().length === 3`)
	w.exec(`[...ui.row("Alan Turing").querySelectorAll(".chip")].find((chip) => chip.textContent === "vip").click()`)
	w.waitFor(`location.search === "?workspace=combine&tag=vip" && ui.names().length === 3`)
	w.exec(`[...ui.row("Alan Turing").querySelectorAll(".chip")].find((chip) => chip.textContent === "berlin").click()`)
	w.waitFor(`location.search === "?workspace=combine&tag=vip&tag=berlin" && ui.names().length === 2`)
	w.exec(`document.querySelector(".menu.filters summary").click()`)
	w.exec(`[...document.querySelectorAll(".menu.filters .option")].find((label) => label.textContent === "No e-mail").click()`)
	w.waitFor(`ui.names().join() === "Alan Turing"`)
	require.Equal(t, "?workspace=combine&tag=vip&tag=berlin&without=email", eval[string](w, `location.search`))
	updateContacts(t, "combine", "Turing", bson.D{{Key: "email", Value: "alan@example.com"}})
	w.waitFor(`ui.names().length === 0`)
	w.press("Remove the filter No e-mail")
	w.waitFor(`ui.names().length === 2`)
	w.exec(`history.back()`)
	w.waitFor(`ui.names().length === 0 && ui.text(".filter-bar").includes("No e-mail")`)
}

func TestPrintedListIsWhole(t *testing.T) {
	var all []bson.D
	for i := range 300 {
		all = append(all, person("paper", "Number", fmt.Sprintf("%03d", i)))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "paper")
	w := openLive(t, "/?workspace=paper", viewport{script: `window.print = () => { dispatchEvent(new Event("beforeprint")); window.printed = document.querySelectorAll(".body .row[data-id]").length; dispatchEvent(new Event("afterprint")); };`})
	w.waitForRow("Number 000")
	w.press("Export")
	w.press("Print the list")
	w.waitFor(`window.printed === 300`)
	require.Less(t, eval[int](w, `document.querySelectorAll(".body .row[data-id]").length`), 60)
}

func TestRowsAreLinks(t *testing.T) {
	insertContacts(t, person("links", "Ada", "Lovelace", bson.E{Key: "email", Value: "ada@example.com"}))
	w := openLive(t, "/?workspace=links", viewport{})
	w.waitForRow("Ada Lovelace")
	address := "/?workspace=links&contact=" + findContact(t, "links", "Lovelace")["_id"].(bson.ObjectID).Hex()
	require.Equal(t, address, eval[string](w, `ui.row("Ada Lovelace").querySelector("a.fullname").getAttribute("href")`))
	require.Equal(t, "ada@example.com", eval[string](w, `ui.row("Ada Lovelace").querySelector(".cell.email .text").title`))
	w.exec(`(window.open = (url) => (window.opened = url), ui.row("Ada Lovelace").querySelector(".cell.updated").dispatchEvent(new MouseEvent("auxclick", {button: 1, bubbles: true})))`)
	require.Equal(t, address, eval[string](w, `opened`))
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".panel"))`))
}
