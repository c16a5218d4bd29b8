//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func (w *window) control(key string) {
	w.t.Helper()
	w.keys(key, chromedp.KeyModifiers(kb.ModifierCtrl))
}

// palette runs a command by its name.
func (w *window) palette(text string) {
	w.t.Helper()
	w.control("k")
	w.waitFor(`document.activeElement.id === "palette-text"`)
	w.keys(text)
	w.waitFor(fmt.Sprintf(`ui.text("#palette .option.active").includes(%s)`, quote(text)))
	w.keys(kb.Enter)
}

// downloadHook records the name of a file that the page saves. Other links work as ever.
const downloadHook = `{
	const click = HTMLAnchorElement.prototype.click;
	HTMLAnchorElement.prototype.click = function () { if (this.download) window.downloaded = this.download; else click.call(this); };
}`

// A day's work (docs/tasks.md), by keyboard alone: nothing here is clicked.
func TestTenTasksByKeyboard(t *testing.T) {
	for _, c := range []struct {
		language, importFile, exportCSV, done string
	}{
		{"en", "Import a file", "Export as CSV", "1 contact imported."},
		{"de", "Datei importieren", "Exportieren als CSV", "1 Kontakt importiert."},
	} {
		t.Run(c.language, func(t *testing.T) {
			workspace := "tasks-" + c.language
			insertContacts(t,
				person(workspace, "Ada", "Lovelace", bson.E{Key: "company", Value: "Engines"}, bson.E{Key: "phones", Value: bson.A{labelled("work", "+44 20 1234 4471")}}, bson.E{Key: "emails", Value: bson.A{labelled("home", "ada@example.com")}}, bson.E{Key: "notes", Value: "The frist programmer"}),
				person(workspace, "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"vip"}}), person(workspace, "Grace", "Hopper", bson.E{Key: "company", Value: "Engines"}))
			waitUntilFormed(t, workspace)
			w := openLive(t, "/?workspace="+workspace, viewport{script: `localStorage.setItem("grapevine.language", ` + quote(c.language) + `);` + downloadHook})

			// 1. Find the person whose number ends in 4471.
			w.keys("/")
			w.waitFor(`document.activeElement.id === "search"`)
			w.keys("4471" + kb.Enter)
			w.waitFor(`ui.text("#panel-title") === "Ada Lovelace" && document.activeElement.id === "panel-title"`)

			// 2. Add a second e-mail and call it work.
			w.keys("e")
			w.waitFor(`document.activeElement.id === "f-firstName"`)
			tabTo(w, ".field:has(#f-emails-0) .add")
			w.keys(kb.Enter)
			w.waitFor(`document.activeElement.id === "f-emails-1"`)
			w.keys("ada@work.example" + kb.Tab)
			tabTo(w, "#f-emails-1-label")
			w.keys("work")

			// 3. Give her a tag.
			tabTo(w, "#f-tags")
			w.keys("vip" + kb.Enter)

			// 4. Fix a typo while a colleague edits.
			tabTo(w, "#f-notes")
			w.exec(`document.activeElement.setSelectionRange(4, 9)`)
			updateContacts(t, workspace, "Lovelace", bson.D{{Key: "title", Value: "Countess"}})
			w.keys("first")
			w.waitFor(`ui.value("f-title") === "Countess"`)
			w.control("\r")
			w.waitFor(`ui.text("#v-notes") === "The first programmer" && document.activeElement.id === "panel-title"`)
			got := findContact(t, workspace, "Lovelace")
			require.Equal(t, bson.A{labelled("home", "ada@example.com"), labelled("work", "ada@work.example")}, got["emails"])
			require.Equal(t, bson.A{"vip"}, got["tags"])
			require.Equal(t, "Countess", got["title"])

			// 5. Who else works there?
			tabTo(w, "#v-company a")
			w.keys(kb.Enter)
			w.waitFor(`location.search.includes("company=Engines") && ui.names().join() === "Grace Hopper,Ada Lovelace"`)

			// 6. Write down somebody new, with a birthday.
			w.keys(kb.Escape)
			w.waitFor(`!document.querySelector(".panel")`)
			w.keys("n")
			w.waitFor(`document.activeElement.id === "f-firstName"`)
			w.keys("Mary" + kb.Tab + "Somerville")
			tabTo(w, ".adder[aria-label*="+quote(map[string]string{"en": "Dates", "de": "Daten"}[c.language])+"]")
			w.keys(kb.Enter)
			w.waitFor(`document.activeElement.id === "f-dates-0"`)
			w.keys("1780-12-26")
			w.control("\r")
			w.waitFor(`ui.text("#panel-title") === "Mary Somerville" && document.querySelector(".read")`)
			require.Equal(t, bson.A{labelled("birthday", "1780-12-26")}, findContact(t, workspace, "Somerville")["dates"])

			// 7. Delete somebody, and think better of it.
			w.keys(kb.Escape)
			w.waitFor(`document.activeElement.id === "grid"`)
			w.palette(map[string]string{"en": "Clear search", "de": "zurücksetzen"}[c.language])
			w.waitFor(`ui.names().length === 4`)
			w.keys("g" + kb.End + kb.Delete)
			w.waitFor(`ui.names().length === 3`)
			w.keys("u")
			w.waitFor(`ui.names().length === 4`)

			// 8. Import last year's list.
			w.palette(c.importFile)
			w.waitFor(`document.querySelector("#import[open]")`)
			w.chooseFile("people.csv", "First Name,Last Name\nEdsger,Dijkstra\n")
			tabTo(w, "#import .dialog-foot .primary")
			w.waitFor(`!document.querySelector("#import .primary").disabled`)
			w.keys(kb.Enter)
			w.waitFor(`ui.text("#import .notice") === ` + quote(c.done))
			w.keys(kb.Escape)
			w.waitForRow("Edsger Dijkstra")

			// 9. Hand out the list of one tag as a file.
			w.exec(`document.activeElement.blur()`)
			tabTo(w, "#filter-tag")
			w.keys("vip")
			w.waitFor(`document.querySelector("#filter-tag-list [role=option]:not(.none)")`)
			w.keys(kb.Enter)
			w.waitFor(`location.search.includes("tag=vip") && ui.names().length === 2`)
			w.keys(kb.Tab) // letters are text in a field
			w.palette(c.exportCSV)
			w.waitFor(`window.downloaded === "contacts-` + workspace + `.csv"`)

			// 10. Go through them one by one.
			w.keys("g" + kb.Home + kb.Enter)
			w.waitFor(`document.activeElement.id === "panel-title"`)
			first := eval[string](w, `ui.text("#panel-title")`)
			w.keys("j")
			w.waitFor(`ui.text("#panel-title") && ui.text("#panel-title") !== ` + quote(first))
			require.Contains(t, []string{"Ada Lovelace", "Alan Turing"}, eval[string](w, `ui.text("#panel-title")`))
		})
	}
}

// The same work on a phone, in German: by the buttons that are there.
func TestTasksOnAPhone(t *testing.T) {
	insertContacts(t,
		person("tasks-phone", "Ada", "Lovelace", bson.E{Key: "company", Value: "Engines"}, bson.E{Key: "phones", Value: bson.A{labelled("work", "+44 20 1234 4471")}}, bson.E{Key: "emails", Value: bson.A{labelled("home", "ada@example.com")}}, bson.E{Key: "tags", Value: bson.A{"vip"}}),
		person("tasks-phone", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"vip"}}), person("tasks-phone", "Grace", "Hopper", bson.E{Key: "company", Value: "Engines"}))
	waitUntilFormed(t, "tasks-phone")
	w := openLive(t, "/?workspace=tasks-phone", viewport{width: 390, height: 844, phone: true, script: `localStorage.setItem("grapevine.language", "de");` + downloadHook})

	// 1. Find the person whose number ends in 4471.
	w.fill("search", "4471")
	w.waitFor(`ui.names().join() === "Ada Lovelace"`)
	w.openRow("Ada Lovelace")
	require.Equal(t, "tel:+442012344471", eval[string](w, `document.querySelector("#v-phones-0 a").getAttribute("href")`))

	// 2. Add a second e-mail and call it work.
	w.press("Bearbeiten")
	w.press("E-Mail-Adresse hinzufügen")
	w.waitFor(`document.activeElement.id === "f-emails-1"`)
	w.keys("ada@work.example")
	w.fill("f-emails-1-label", "Arbeit")

	// 3. Give her a tag.
	w.fill("f-tags", "kunde"+kb.Enter)

	// 4. Write a note while a colleague edits.
	w.fill("f-notes", "Ruft ")
	updateContacts(t, "tasks-phone", "Lovelace", bson.D{{Key: "title", Value: "Countess"}})
	w.waitFor(`ui.value("f-title") === "Countess"`)
	w.keys("lieber an.")
	w.press("Speichern")
	w.waitFor(`ui.text("#v-notes") === "Ruft lieber an."`)
	got := findContact(t, "tasks-phone", "Lovelace")
	require.Equal(t, bson.A{labelled("home", "ada@example.com"), labelled("work", "ada@work.example")}, got["emails"])
	require.Equal(t, bson.A{"vip", "kunde"}, got["tags"])
	require.Equal(t, "Countess", got["title"])

	// 5. Who else works there?
	w.exec(`document.querySelector("#v-company a").click()`)
	w.press("Schließen")
	w.waitFor(`ui.names().join() === "Grace Hopper,Ada Lovelace"`)
	w.press("Zurücksetzen")
	w.waitFor(`ui.names().length === 3`)

	// 6. Write down somebody new, with a birthday.
	w.press("Neuer Kontakt")
	w.fill("f-firstName", "Mary")
	w.fill("f-lastName", "Somerville")
	w.press("Daten hinzufügen")
	w.waitFor(`document.activeElement.id === "f-dates-0"`)
	w.keys("1780-12-26")
	w.press("Kontakt anlegen")
	w.waitFor(`ui.text("#panel-title") === "Mary Somerville" && document.querySelector(".read")`)
	require.Equal(t, bson.A{labelled("birthday", "1780-12-26")}, findContact(t, "tasks-phone", "Somerville")["dates"])

	// 10. Go through them one by one.
	w.press("Nächster Kontakt")
	w.waitFor(`ui.text("#panel-title") === "Alan Turing"`)
	w.press("Voriger Kontakt")
	w.waitFor(`ui.text("#panel-title") === "Mary Somerville"`)

	// 7. Delete somebody, and think better of it.
	w.press("Löschen")
	w.waitForNoRow("Mary Somerville")
	w.press("Rückgängig")
	w.waitForRow("Mary Somerville")

	// 8. Import last year's list.
	w.press("Importieren")
	w.chooseFile("people.csv", "First Name,Last Name\nEdsger,Dijkstra\n")
	w.press("1 Kontakt importieren")
	w.waitFor(`ui.text("#import .notice") === "1 Kontakt importiert."`)
	w.exec(`document.querySelector("#import .dialog-head button").click()`)
	w.waitForRow("Edsger Dijkstra")

	// 9. Hand out the list of one tag as a file.
	w.openRow("Alan Turing")
	w.exec(`document.querySelector(".value.tags .chip").click()`)
	w.press("Schließen")
	w.waitFor(`ui.names().join() === "Ada Lovelace,Alan Turing"`)
	w.press("Exportieren")
	w.press("Als CSV")
	w.waitFor(`window.downloaded === "contacts-tasks-phone.csv"`)
	w.press("Filter Schlagwort: vip entfernen")
	w.waitFor(`ui.names().length === 5`)
}
