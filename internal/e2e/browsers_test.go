//go:build e2e

package e2e

import (
	"fmt"
	"testing"

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
