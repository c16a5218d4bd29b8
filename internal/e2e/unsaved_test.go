//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// holdSaves makes each save of the page wait until the test calls release().
const holdSaves = `{
	const fetchNow = fetch;
	window.fetch = async (path, options) => {
		if (options?.method === "PATCH") await new Promise((resolve) => (window.release = resolve));
		return fetchNow(path, options);
	};
}`

// Somebody saves, types on, and opens another contact before the answer.
func TestTextTypedAfterASaveIsKept(t *testing.T) {
	insertContacts(t, person("after-save", "Ada", "Lovelace"), person("after-save", "Alan", "Turing"))
	w := openLive(t, "/?workspace=after-save", viewport{script: holdSaves})
	w.openRow("Ada Lovelace")
	w.press("Edit")
	w.fill("f-notes", "first")
	w.control("\r")
	w.waitFor(`window.release`)
	w.waitFor(`[...document.querySelectorAll(".panel-foot button")].every((button) => button.disabled)`) // nothing can be discarded now
	w.keys(", second")
	w.exec(`ui.row("Alan Turing").click()`)
	w.waitFor(`ui.text("#panel-title") === "Alan Turing"`)
	w.exec(`release()`)
	w.press("Back to editing")
	w.waitFor(`ui.value("f-notes") === "first, second"`)
	require.Equal(t, "first", findContact(t, "after-save", "Lovelace")["notes"])
	w.exec(`delete window.release`)
	w.press("Save")
	w.waitFor(`window.release`)
	w.exec(`release()`)
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "first, second", findContact(t, "after-save", "Lovelace")["notes"])
}

// Undo brings back the contact and what was typed. So does whatever else keeps the contact.
func TestDeletedContactKeepsItsText(t *testing.T) {
	insertContacts(t, person("deleted-text", "Ada", "Lovelace"), person("deleted-text", "Alan", "Turing"))
	w := openLive(t, "/?workspace=deleted-text", viewport{})
	w.openRow("Ada Lovelace")
	w.press("Edit")
	w.fill("f-notes", "half a thought")
	w.press("Delete")
	w.waitForNoRow("Ada Lovelace")
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".status .unsaved"))`))
	w.press("Undo")
	w.waitForRow("Ada Lovelace")
	w.waitFor(`ui.value("f-notes") === "half a thought"`)
	w.press("Delete")
	w.waitForNoRow("Ada Lovelace")
	updateContacts(t, "deleted-text", "Lovelace", bson.D{{Key: "title", Value: "Countess"}})
	w.waitForRow("Ada Lovelace")
	w.press("Back to editing")
	w.waitFor(`ui.value("f-notes") === "half a thought" && ui.value("f-title") === "Countess"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "half a thought", findContact(t, "deleted-text", "Lovelace")["notes"])
}

// The browser's way back leads to the form with what was typed.
func TestWayBackToAnUnsavedNewContact(t *testing.T) {
	insertContacts(t, person("back-to-new", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=back-to-new", viewport{})
	w.press("New contact")
	w.fill("f-firstName", "Grace")
	w.exec(`ui.row("Ada Lovelace").click()`)
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace" && ui.text(".status .unsaved") === "1 unsaved"`)
	w.exec(`history.back()`)
	w.waitFor(`location.search.includes("contact=new") && ui.value("f-firstName") === "Grace"`)
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".status .unsaved"))`))
	w.press("Create contact")
	w.waitForRow("Grace")
}

func TestTwoEditsAreLeftAtOnce(t *testing.T) {
	insertContacts(t, person("two-left", "Ada", "Lovelace"), person("two-left", "Alan", "Turing"), person("two-left", "Grace", "Hopper"))
	w := openLive(t, "/?workspace=two-left", viewport{})
	for _, name := range []string{"Ada Lovelace", "Alan Turing"} {
		w.openRow(name)
		w.press("Edit")
		w.fill("f-notes", "about "+name)
	}
	w.openRow("Grace Hopper")
	w.waitFor(`ui.text(".status .unsaved") === "2 unsaved"`)
	w.exec(`document.querySelector(".status .unsaved").click()`) // the last one
	w.waitFor(`ui.text("#panel-title") === "Alan Turing" && ui.value("f-notes") === "about Alan Turing" && ui.text(".status .unsaved") === "1 unsaved"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	w.exec(`document.querySelector(".status .unsaved").click()`)
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace" && ui.value("f-notes") === "about Ada Lovelace"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden && !document.querySelector(".status .unsaved")`)
	require.Equal(t, "about Ada Lovelace", findContact(t, "two-left", "Lovelace")["notes"])
	require.Equal(t, "about Alan Turing", findContact(t, "two-left", "Turing")["notes"])
}

func TestOpenContactIsMovedToAnotherWorkspace(t *testing.T) {
	insertContacts(t, person("moved-from", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=moved-from", viewport{})
	w.openRow("Ada Lovelace")
	w.press("Edit")
	w.fill("f-notes", "half a thought")
	updateContacts(t, "moved-from", "Lovelace", bson.D{{Key: "workspace", Value: "moved-to"}})
	w.waitFor(`ui.text(".panel .notice").includes("This contact was moved to another workspace.")`)
	w.waitForNoRow("Ada Lovelace")
	require.Equal(t, "half a thought", eval[string](w, `ui.value("f-notes")`))
}

// The same person has the same field open twice.
func TestTwoPagesEditOneField(t *testing.T) {
	insertContacts(t, person("two-pages", "Ada", "Lovelace", bson.E{Key: "notes", Value: "old"}))
	a, b := openLive(t, "/?workspace=two-pages", viewport{}), openLive(t, "/?workspace=two-pages", viewport{})
	for w, notes := range map[*window]string{a: "of one page", b: "of the other"} {
		w.openRow("Ada Lovelace")
		w.press("Edit")
		w.fill("f-notes", notes)
	}
	a.press("Save")
	a.waitFor(`document.querySelector(".panel-foot").hidden`)
	b.waitFor(`ui.text(".conflict .theirs") === "of one page"`)
	require.Equal(t, "of the other", eval[string](b, `ui.value("f-notes")`))
	b.press("Keep mine")
	b.press("Save")
	b.waitFor(`document.querySelector(".panel-foot").hidden`)
	a.waitFor(`ui.text("#v-notes") === "of the other"`)
	require.Equal(t, "of the other", findContact(t, "two-pages", "Lovelace")["notes"])
	b.keys(kb.Escape)
	b.waitFor(`!document.querySelector(".panel")`)
}
