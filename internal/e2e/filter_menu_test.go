//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestOwnerIsTypedWhileOthersEdit(t *testing.T) {
	insertContacts(t, person("owner", "Ada", "Lovelace", bson.E{Key: "owner", Value: "grace hopper"}), person("owner", "Alan", "Turing"))
	waitUntilFormed(t, "owner")
	w := openLive(t, "/?workspace=owner", viewport{})
	w.waitForRow("Ada Lovelace")
	w.exec(`(document.querySelector(".menu.filters summary").click(), document.getElementById("filter-owner").focus())`)
	for _, part := range []string{"grace", " hop", "per"} {
		w.keys(part)
		updateContacts(t, "owner", "Turing", bson.D{{Key: "company", Value: "after" + part}})
		w.waitFor(`ui.row("Alan Turing").textContent.includes(` + quote("after"+part) + `)`)
	}
	require.Equal(t, "grace hopper", eval[string](w, `ui.value("filter-owner")`))
	w.keys(kb.Enter)
	w.waitFor(`location.search === "?workspace=owner&owner=grace+hopper" && ui.names().join() === "Ada Lovelace"`)
	w.clickAt(`ui.button("Remove the filter Owner: grace hopper")`)
	w.waitFor(`ui.names().length === 2 && ui.value("filter-owner") === ""`)
}

// A day is a day of the person, and begins in New Zealand 13 hours before it begins in UTC.
func TestFilterOfDaysInAnotherTimeZone(t *testing.T) {
	created := func(first, at string) bson.D {
		when, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		contact := person("days", first, "X")
		for i := range contact {
			if contact[i].Key == "createdAt" {
				contact[i].Value = when
			}
		}
		return contact
	}
	insertContacts(t, created("Before", "2026-01-04T10:59:59Z"), created("First", "2026-01-04T11:00:00Z"), created("Last", "2026-01-05T10:59:59Z"), created("Then", "2026-01-05T11:00:00Z"))
	waitUntilFormed(t, "days")
	w := openLive(t, "/?workspace=days", viewport{script: `{
		const fetchNow = fetch;
		window.read = [];
		window.fetch = (path, options) => (String(path).startsWith("/contacts?") && read.push(path), fetchNow(path, options));
	}`})
	w.runActions("time zone", call(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Pacific/Auckland"}),
		call(emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: "en-US"}))
	w.exec(`location.reload()`)
	w.waitFor(`ui.state() === "live" && ui.names().length === 4`)
	w.exec(`(document.querySelector(".menu.filters summary").click(), document.getElementById("filter-createdAfter").focus(), read.length = 0)`)
	w.keys("01052026") // month, day, and the year digit by digit
	w.waitFor(`location.search === "?workspace=days&createdAfter=2026-01-05" && ui.names().join() === "First X,Last X,Then X"`)
	require.Equal(t, 1, eval[int](w, `read.length`))
	w.exec(`document.getElementById("filter-createdBefore").focus()`)
	w.keys("01062026")
	w.waitFor(`ui.names().join() === "First X,Last X"`)
	insertContacts(t, created("Late", "2026-01-05T10:00:00Z"), created("Later", "2026-01-05T12:00:00Z"))
	w.waitFor(`ui.names().join() === "First X,Last X,Late X"`)
	w.exec(`history.back()`)
	w.exec(`history.back()`)
	w.waitFor(`location.search === "?workspace=days"`) // one entry for each filter
}

// A low window has no room for filters beside the search: what is set in their menu is said below.
func TestFiltersOfALowWindowAreSeen(t *testing.T) {
	insertContacts(t, person("low", "Ada", "Lovelace", bson.E{Key: "company", Value: "Engines"}))
	w := openLive(t, "/?workspace=low&company=Engines&kind=person", viewport{width: 640, height: 400})
	w.waitForRow("Ada Lovelace")
	require.Equal(t, []string{"Company: Engines", "People"}, eval[[]string](w, `[...document.querySelectorAll(".filter-bar li span[dir]")].map((text) => text.textContent)`))
	w.press("Remove the filter People")
	w.waitFor(`location.search === "?workspace=low&company=Engines"`)
	wide := openLive(t, "/?workspace=low&company=Engines&kind=person", viewport{})
	wide.waitForRow("Ada Lovelace")
	require.False(t, eval[bool](wide, `Boolean(document.querySelector(".filter-bar"))`)) // the toolbar shows them
}

// Enter in the field of tags picks what is typed, and nothing removes the tags that are set.
func TestEmptyFieldOfTagsRemovesNoFilter(t *testing.T) {
	insertContacts(t, person("empty-tag", "Ada", "Lovelace", bson.E{Key: "tags", Value: bson.A{"a", "b"}}))
	w := openLive(t, "/?workspace=empty-tag&tag=a&tag=b", viewport{})
	w.waitForRow("Ada Lovelace")
	w.fill("filter-tag", "x"+kb.Backspace)
	w.waitFor(`document.querySelector("#filter-tag-list [role=option]:not(.none)")`)
	w.keys(kb.Enter)
	w.exec(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
	require.Equal(t, "?workspace=empty-tag&tag=a&tag=b", eval[string](w, `location.search`))
}

// Every character survives the way through the address.
func TestFiltersWithMarksInTheirValues(t *testing.T) {
	const company = `Größe & Söhne + #1 "x" 100%/?=ñ`
	insertContacts(t, person("marks", "Ada", "Lovelace", bson.E{Key: "company", Value: company}, bson.E{Key: "tags", Value: bson.A{"R&D #2", "a+b"}}), person("marks", "Alan", "Turing"))
	waitUntilFormed(t, "marks")
	w := openLive(t, "/?workspace=marks", viewport{})
	w.openRow("Ada Lovelace")
	w.exec(`document.querySelector("#v-company a").click()`)
	w.press("Close")
	for _, tag := range []string{"R&D #2", "a+b"} {
		w.exec(`[...ui.row("Ada Lovelace").querySelectorAll(".chip")].find((chip) => chip.textContent === ` + quote(tag) + `).click()`)
	}
	filters := `((p) => p.get("company") === ` + quote(company) + ` && p.getAll("tag").join("|") === "R&D #2|a+b")(new URLSearchParams(location.search))`
	for range 2 {
		w.waitFor(filters + ` && ui.names().join() === "Ada Lovelace" && ui.value("filter-company") === ` + quote(company))
		w.exec(`(window.old = true, location.reload())`)
		w.waitFor(`!window.old && ui.state() === "live"`)
	}
	insertContacts(t, person("marks", "Grace", "Hopper", bson.E{Key: "company", Value: company}, bson.E{Key: "tags", Value: bson.A{"a+b", "R&D #2"}}))
	w.waitForRow("Grace Hopper")
}

// The hits in notes fit the filters too.
func TestFiltersWithHitsInNotes(t *testing.T) {
	vip := bson.E{Key: "tags", Value: bson.A{"vip"}}
	insertContacts(t, person("filtered-notes", "Ada", "Lovelace", vip, bson.E{Key: "notes", Value: "plays chess"}), person("filtered-notes", "Alan", "Turing", bson.E{Key: "notes", Value: "plays chess"}),
		person("filtered-notes", "Chessa", "Hopper", vip), person("filtered-notes", "Chessie", "Zuse"))
	waitUntilFormed(t, "filtered-notes")
	w := openLive(t, "/?workspace=filtered-notes&tag=vip", viewport{})
	w.fill("search", "chess")
	w.waitFor(`ui.names().join() === "Chessa Hopper" && [...document.querySelectorAll(".note-hits b")].map((b) => b.textContent).join() === "Ada Lovelace"`)
	require.Equal(t, "?workspace=filtered-notes&q=chess&tag=vip", eval[string](w, `location.search`))
}
