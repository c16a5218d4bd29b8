//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// Safari gives a button no focus when it is clicked, so a menu loses the focus to nothing before the click counts.
func TestMenusWorkUnderSafarisFocusRule(t *testing.T) {
	safari := `addEventListener("mousedown", (e) => {
		if (e.target.closest("button, summary, a")) { e.preventDefault(); document.activeElement?.blur(); }
	}, true);`
	insertContacts(t, person("safari", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=safari", viewport{script: safari + saveHook})
	click := func(selector string) {
		t.Helper()
		w.clickAt(fmt.Sprintf(`document.querySelector(%s)`, quote(selector)))
	}
	click(".menu.export summary")
	w.clickAt(`ui.button("As CSV")`)
	w.waitFor(`window.savedAs === "contacts-safari.csv"`)
	click(".app-menu summary")
	w.waitFor(`document.querySelector(".app-menu[open]")`)
	w.clickAt(`ui.button("Deutsch (de)")`)
	w.waitFor(`document.documentElement.lang === "de" && !document.querySelector(".app-menu[open]")`)
	click(".workspace summary")
	w.waitFor(`document.querySelector(".workspace[open]")`)
	click("#count") // beside it
	w.waitFor(`!document.querySelector(".workspace[open]")`)
}

// A browser that translates a page replaces its texts. What a contact says is not translated.
func TestTranslatedPageShowsWhatIsStored(t *testing.T) {
	insertContacts(t, person("translated", "Ada", "Lovelace"), person("translated", "Alan", "Turing"))
	w := openLive(t, "/?workspace=translated", viewport{})
	w.openRow("Ada Lovelace")
	w.exec(`(() => {
		const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		const all = [];
		while (texts.nextNode()) if (texts.currentNode.data.trim() && !texts.currentNode.parentElement.closest('[translate="no"]')) all.push(texts.currentNode);
		for (const text of all) { const font = document.createElement("font"); font.textContent = "xx " + text.data; text.replaceWith(font); }
	})()`)
	updateContacts(t, "translated", "Lovelace", bson.D{{Key: "firstName", Value: "Augusta"}})
	w.waitForRow("Augusta Lovelace")
	w.waitFor(`ui.text("#panel-title") === "Augusta Lovelace"`)
	w.openRow("Alan Turing")
}

func TestUnusualLocalesAndOldBrowsers(t *testing.T) {
	insertContacts(t, person("system", "Ada", "Lovelace"))
	c := `for (const [name, value] of [["language", "c"], ["languages", ["c"]]]) Object.defineProperty(navigator, name, {get: () => value, configurable: true});`
	w := openLive(t, "/?workspace=system", viewport{script: c})
	w.waitFor(`ui.text("#count") === "1 contact"`)
	w = openLive(t, "/inspect?workspace=system", viewport{script: c})
	w.waitFor(`document.querySelectorAll(".u-wrap canvas").length === 2`)
	for _, missing := range []string{
		`delete AbortSignal.any;`,
		`{ const { supports } = CSS; CSS.supports = (name, value) => !String(value).includes("light-dark") && supports.call(CSS, name, value); }`,
	} {
		old := open(t, "/", viewport{script: missing})
		old.waitFor(`ui.text("#too-old").includes("Chrome 123") && !document.querySelector(".top")`)
	}
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

func TestTagsArePastedAndSuggested(t *testing.T) {
	insertContacts(t, person("tags", "Ada", "Lovelace"), person("tags", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"VIP", "Berlin"}}))
	w := openLive(t, "/?workspace=tags", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-tags", "v")
	w.waitFor(`document.querySelector("#f-tags-list [role=option]")`)
	w.exec(`document.execCommand("insertText", false, "ip,friend, london")`) // as one text, like from the clipboard
	w.waitFor(`[...document.querySelectorAll(".tagbox .chip")].map((chip) => chip.textContent.trim()).join() === "VIP,friend"`)
	w.keys(kb.Enter)
	w.keys("Vip" + kb.Enter) // the same tag again
	w.keys("ber" + kb.ArrowDown + kb.Enter)
	w.waitFor(`[...document.querySelectorAll(".tagbox .chip")].map((chip) => chip.textContent.trim()).join() === "VIP,friend,london,Berlin"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, bson.A{"VIP", "friend", "london", "Berlin"}, findContact(t, "tags", "Lovelace")["tags"])
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
