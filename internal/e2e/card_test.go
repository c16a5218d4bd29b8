//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestContactIsReadBeforeItIsEdited(t *testing.T) {
	organization := bson.NewObjectID()
	insertContacts(t,
		bson.D{{Key: "_id", Value: organization}, {Key: "workspace", Value: "card"}, {Key: "kind", Value: "organization"}, {Key: "name", Value: "Analytical Engines"}},
		person("card", "Ada", "Lovelace",
			bson.E{Key: "organizationId", Value: organization}, bson.E{Key: "tags", Value: bson.A{"vip"}},
			bson.E{Key: "emails", Value: bson.A{labelled("work", "ada@example.com"), labelled("home", "a b@example.com")}},
			bson.E{Key: "phones", Value: bson.A{labelled("mobile", "+44 (0)20 1234-4471 ext. 22"), labelled("", "none")}},
			bson.E{Key: "urls", Value: bson.A{labelled("", "example.com/ada"), labelled("", "javascript:alert(1)")}},
			bson.E{Key: "dates", Value: bson.A{labelled("anniversary", "1835-07-08"), labelled("birthday", "--12-10")}},
			bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "street", Value: "12 St James's Square"}, {Key: "city", Value: "London"}}}},
			bson.E{Key: "notes", Value: "See https://example.com/notes, please."}),
		person("card", "Charles", "Babbage"))
	w := openLive(t, "/?workspace=card", viewport{script: `Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => (window.copied = text)}});`})
	w.openRow("Ada Lovelace")
	links := `[...document.querySelectorAll(".read .value :is(.text, dd[id]) a")].map((a) => a.getAttribute("href"))`
	w.waitFor(`ui.text("#v-organizationId") === "Analytical Engines"`)
	require.Equal(t, []string{
		"/?workspace=card&contact=" + organization.Hex(), "mailto:ada@example.com", "tel:+44201234" + "4471,22", "/?workspace=card&tag=vip",
		"https://example.com/notes", "https://example.com/ada",
	}, eval[[]string](w, links))
	require.Equal(t, "July 8, 1835", eval[string](w, `ui.text("#v-dates-0 time")`))
	require.Equal(t, "December 10", eval[string](w, `ui.text("#v-dates-1 time")`))

	w.press("Copy ada@example.com")
	w.waitFor(`window.copied === "ada@example.com"`)
	link := suite.app.url("/?workspace=card&contact=" + findContact(t, "card", "Lovelace")["_id"].(bson.ObjectID).Hex())
	w.press("Copy link")
	w.waitFor(`window.copied === ` + quote(link))
	w.exec(`window.copied = ""`)
	w.keys("l")
	w.waitFor(`window.copied === ` + quote(link))

	// It stays up to date, and an edit begins with one key.
	updateContacts(t, "card", "Lovelace", bson.D{{Key: "title", Value: "Countess"}})
	w.waitFor(`ui.text("#v-title") === "Countess"`)
	w.keys("e")
	w.waitFor(`document.activeElement.id === "f-firstName"`)
	w.fill("f-notes", "short")
	w.press("Save")
	w.waitFor(`ui.text("#v-notes") === "short" && document.activeElement.id === "panel-title"`)
	require.Equal(t, "short", findContact(t, "card", "Lovelace")["notes"])

	// The organization shows its people, and follows them.
	w.exec(`document.querySelector("#v-organizationId a").click()`)
	w.waitFor(`ui.text(".people h3") === "1 person" && ui.text(".people li a span:not(.avatar)") === "Ada Lovelace"`)
	updateContacts(t, "card", "Babbage", bson.D{{Key: "organizationId", Value: organization}})
	w.waitFor(`ui.text(".people h3") === "2 people"`)
	w.press("Close")
	w.waitForRow("Charles Babbage")
	w.openRow("Analytical Engines")
	w.waitFor(`document.querySelector(".people > a")`)
	w.exec(`document.querySelector(".people > a").click()`)
	w.waitFor(`ui.names().join() === "Charles Babbage,Ada Lovelace"`)
}

func TestNextAndPreviousContact(t *testing.T) {
	insertContacts(t, person("steps", "A", "Abel"), person("steps", "B", "Baker"), person("steps", "C", "Cook"))
	w := openLive(t, "/?workspace=steps", viewport{})
	w.openRow("A Abel")
	w.keys("j")
	w.waitFor(`ui.text("#panel-title") === "B Baker" && document.activeElement.id === "panel-title"`)
	w.keys("j")
	w.waitFor(`ui.text("#panel-title") === "C Cook"`)
	w.keys("k")
	w.waitFor(`ui.text("#panel-title") === "B Baker"`)
	w.keys(kb.Escape)
	w.waitFor(`document.activeElement.id === "grid"`)
}

func TestUnsavedEditStaysReachable(t *testing.T) {
	insertContacts(t, person("left", "Ada", "Lovelace"), person("left", "Alan", "Turing"))
	w := openLive(t, "/?workspace=left", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-notes", "half")
	w.keys("s", chromedp.KeyModifiers(kb.ModifierCtrl))
	w.waitFor(`ui.text(".toasts").includes("Saved.") && document.activeElement.id === "f-notes"`)
	w.fill("f-notes", "half a thought")
	w.exec(`ui.row("Alan Turing").click()`)
	w.waitFor(`ui.text("#panel-title") === "Alan Turing" && ui.text(".unsaved") === "1 unsaved"`)
	require.NotContains(t, eval[string](w, `ui.text(".toasts")`), "Saved.") // it would contradict the new message
	w.press("Dismiss")                                                      // the message may be gone
	updateContacts(t, "left", "Lovelace", bson.D{{Key: "company", Value: "Engines"}})
	w.press("1 unsaved")
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace" && ui.value("f-notes") === "half a thought" && ui.value("f-company") === "Engines"`)
	w.waitFor(`!document.querySelector(".unsaved")`)
	w.press("Save")
	w.waitFor(`ui.text("#v-notes") === "half a thought"`)
}

func TestHowManyLookAtAContact(t *testing.T) {
	insertContacts(t, person("looking", "Ada", "Lovelace"), person("looking", "Alan", "Turing"))
	requests := viewport{script: `window.writes = 0; {
		const fetchNow = fetch;
		window.fetch = (path, options) => ((options?.method ?? "GET") === "GET" || writes++, fetchNow(path, options));
	}`}
	waitUntilFormed(t, "looking")
	before := findContact(t, "looking", "Lovelace")
	a, b := openLive(t, "/?workspace=looking", requests), openLive(t, "/?workspace=looking", requests)
	a.openRow("Ada Lovelace")
	require.False(t, eval[bool](a, `Boolean(document.querySelector(".viewers"))`)) // nobody else
	b.openRow("Ada Lovelace")
	a.waitFor(`ui.text(".viewers") === "1 looking"`)
	b.waitFor(`ui.text(".viewers") === "1 looking"`)
	b.openRow("Alan Turing")
	a.waitFor(`!document.querySelector(".viewers")`)
	b.openRow("Ada Lovelace")
	a.waitFor(`ui.text(".viewers") === "1 looking"`)
	require.Zero(t, eval[int](a, `writes`)+eval[int](b, `writes`))
	require.Equal(t, before, findContact(t, "looking", "Lovelace"))
	b.setOffline(true)
	a.waitFor(`!document.querySelector(".viewers")`)
	b.setOffline(false)
	a.waitFor(`ui.text(".viewers") === "1 looking"`)
	b.waitFor(`ui.text(".viewers") === "1 looking"`)
	b.close()
	a.waitFor(`!document.querySelector(".viewers")`)
	updateContacts(t, "looking", "Lovelace", bson.D{{Key: "notes", Value: "once"}})
	a.waitFor(`ui.text("#v-notes") === "once"`)
}
