//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestPaletteFindsContactsAndCommands(t *testing.T) {
	insertContacts(t, person("palette", "Ada", "Lovelace"), person("palette", "Alan", "Turing"))
	waitUntilFormed(t, "palette")
	w := openLive(t, "/?workspace=palette", viewport{})
	w.fill("search", "a") // the palette opens from a field too
	w.keys("k", chromedp.KeyModifiers(kb.ModifierCtrl))
	w.waitFor(`document.activeElement.id === "palette-text"`)
	w.keys("tur" + kb.Enter) // before the contact is found
	w.waitFor(`ui.text("#panel-title") === "Alan Turing" && !document.getElementById("palette")`)

	w.keys("k", chromedp.KeyModifiers(kb.ModifierCtrl))
	w.keys("statist")
	w.waitFor(`ui.text("#palette .option.active") === "StatisticsS"`)
	w.keys(kb.Enter)
	w.waitFor(`document.querySelector(".tiles")`)
	require.Contains(t, eval[string](w, `document.title`), "Statistics")
}

// The help, the palette and the keys read one list.
func TestHelpListsTheKeys(t *testing.T) {
	w := openLive(t, "/?workspace=help", viewport{})
	w.keys("?")
	w.waitFor(`document.querySelector("#help[open]")`)
	require.Greater(t, eval[int](w, `document.querySelectorAll("#help dt").length`), 15)
	w.keys("n") // a dialog is open
	w.keys(kb.Escape)
	w.waitFor(`!document.querySelector("#help[open]") && !document.querySelector(".panel")`)
	for _, letter := range []string{`key: "N", code: "KeyN"`, `key: "т", code: "KeyN"`} { // Caps Lock, and a Russian keyboard
		w.exec(`document.body.dispatchEvent(new KeyboardEvent("keydown", {` + letter + `, bubbles: true, cancelable: true}))`)
		w.waitFor(`location.search.includes("contact=new")`)
		w.keys(kb.Escape)
		w.waitFor(`!location.search.includes("contact=new")`)
	}
	require.True(t, eval[bool](w, `((e) => (document.body.dispatchEvent(e), e.defaultPrevented))(new KeyboardEvent("keydown", {key: "S", code: "KeyS", ctrlKey: true, bubbles: true, cancelable: true}))`)) // it would save the page as a file
}

// The first Tab leads past the header and the toolbar.
func TestSkipLink(t *testing.T) {
	insertContacts(t, person("skip", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=skip", viewport{})
	w.waitForRow("Ada Lovelace")
	w.keys(kb.Tab)
	w.waitFor(`document.activeElement.matches("a.skip") && document.activeElement.getBoundingClientRect().top >= 0`)
	w.keys(kb.Enter)
	w.waitFor(`document.activeElement.id === "grid"`)
	w.keys(kb.Home + kb.Enter)
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace"`)
}

// A name that is mistyped opens no empty workspace.
func TestMenuAsksBeforeAnEmptyWorkspace(t *testing.T) {
	insertContacts(t, person("menu", "Ada", "Lovelace"), person("menu-other", "Alan", "Turing"))
	w := openLive(t, "/?workspace=menu", viewport{})
	name := func(text string) {
		t.Helper()
		w.exec(`document.querySelector("details.workspace").open || document.querySelector("details.workspace summary").click()`)
		w.waitFor(`document.querySelector("details.workspace[open] input")`)
		w.exec(`(document.querySelector("details.workspace input").focus(), document.querySelector("details.workspace input").select())`)
		w.keys(text + kb.Enter)
	}
	name("menu-othr")
	w.waitFor(`ui.text("details.workspace [role=status]").includes("“menu-othr” has no contacts. Is the name right?")`)
	require.Equal(t, "?workspace=menu", eval[string](w, `location.search`))
	name("menu-other") // it has contacts
	w.waitForRow("Alan Turing")
	name("menu-new")
	w.press("Open the empty workspace")
	w.waitFor(`location.search === "?workspace=menu-new" && ui.text(".empty").includes("menu-new")`)
	name("menu")
	w.waitForRow("Ada Lovelace")
	name("menu-new") // this browser knows it now
	w.waitFor(`location.search === "?workspace=menu-new"`)
}

// Enter comes before the suggestions do.
func TestFilterIsChosenByAFastTypist(t *testing.T) {
	insertContacts(t, person("fast", "Ada", "Lovelace", bson.E{Key: "tags", Value: bson.A{"vip"}}), person("fast", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"berlin"}}))
	w := openLive(t, "/?workspace=fast", viewport{script: `{
		const fetchNow = fetch;
		window.fetch = async (path, options) => {
			if (String(path).startsWith("/contacts/stats/tags")) await new Promise((resolve) => setTimeout(resolve, 500));
			return fetchNow(path, options);
		};
	}`})
	w.fill("filter-tag", "vi"+kb.Enter)
	w.waitFor(`location.search === "?workspace=fast&tag=vip" && ui.names().join() === "Ada Lovelace"`)
}

func TestPageSpeaksGerman(t *testing.T) {
	insertContacts(t, person("german", "Ada", "Lovelace"))
	german := `Object.defineProperty(navigator, "languages", {get: () => ["de-AT", "en"]});`
	w := openLive(t, "/?workspace=german", viewport{script: german})
	w.waitFor(`ui.text("#count") === "1 Kontakt" && document.documentElement.lang === "de"`)
	w.press("Neuer Kontakt")
	w.fill("f-firstName", "Grace")
	w.fill("f-emails-0", "keine Adresse")
	w.fill("f-emails-0-label", "privat")
	w.press("Kontakt anlegen")
	w.waitFor(`ui.text("#error-emails-0-value").startsWith("E-Mail-Adresse ist keine E-Mail-Adresse")`)
	w.fill("f-emails-0", "grace@example.com")
	w.press("Kontakt anlegen")
	w.waitFor(`ui.text(".value.emails .label") === "privat"`)
	var stored struct {
		Emails []struct{ Label string } `bson:"emails"`
	}
	require.NoError(t, suite.db.Collection("contacts").FindOne(t.Context(), map[string]string{"workspace": "german", "firstName": "Grace"}).Decode(&stored))
	require.Equal(t, "home", stored.Emails[0].Label) // what every program knows

	// What the server says about a file.
	w.press("Schließen")
	w.press("Importieren")
	w.chooseFile("people.csv", "First Name,E-mail Address\nEdsger,call me\n")
	w.waitFor(`ui.text("#import .sentences").includes('"call me" ist keine E-Mail-Adresse; der Wert bleibt als weiteres Feld erhalten')`)
	w.keys(kb.Escape)
	w.waitFor(`!document.querySelector("#import[open]")`)
	w.openRow("Grace")

	// The choice of the person counts more than the browser's, and stays.
	w.exec(`document.querySelector(".app-menu summary").click()`)
	w.press("English")
	w.waitFor(`ui.text("#count") === "2 contacts" && ui.text(".value.emails .label") === "home"`)
	w.exec(`location.reload()`)
	w.waitFor(`document.documentElement.lang === "en" && ui.text("#count") === "2 contacts"`)
}
