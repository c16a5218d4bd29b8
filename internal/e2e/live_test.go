//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestTwoWindowsSeeEachOthersEdits(t *testing.T) {
	a, b := openLive(t, "/?workspace=two", viewport{}), openLive(t, "/?workspace=two", viewport{})
	a.waitFor(`ui.text(".presence").startsWith("2")`)
	b.waitFor(`ui.text(".presence").startsWith("2")`)

	a.keys("n")
	a.fill("f-firstName", "Ada")
	a.fill("f-lastName", "Lovelace")
	a.press("Create contact")
	a.waitForRow("Ada Lovelace")
	b.waitForRow("Ada Lovelace")

	editRow(b, "Ada Lovelace")
	b.fill("f-emails-0", "ada@example.com")
	b.press("Save")
	a.waitFor(`ui.row("Ada Lovelace").querySelector(".cell.email").textContent.trim() === "ada@example.com"`)
	a.waitFor(`ui.shown("emails-0") === "ada@example.com"`) // its panel is still open

	b.press("Delete")
	b.waitForNoRow("Ada Lovelace")
	a.waitForRow("Ada Lovelace") // until the time for "Undo" is over
	b.press("Dismiss")
	a.waitForNoRow("Ada Lovelace")
	a.waitFor(`ui.text(".panel .notice").includes("deleted this contact")`)
	require.Zero(t, countContacts(t, "two"))
}

func TestDirectEditInMongoDBAppears(t *testing.T) {
	insertContacts(t, person("direct", "Grace", "Hopper"), person("direct", "Alan", "Turing"))
	w := openLive(t, "/?workspace=direct", viewport{})
	w.waitFor(`ui.names().join() === "Grace Hopper,Alan Turing"`)

	insertContacts(t, person("direct", "Edsger", "Dijkstra"))
	w.waitFor(`ui.names().join() === "Edsger Dijkstra,Grace Hopper,Alan Turing"`)
	w.waitFor(`ui.text(".status .source") === "MongoDB"`)
	w.waitFor(`ui.text("#count") === "3 contacts"`)

	updateContacts(t, "direct", "Hopper", bson.D{{Key: "lastName", Value: "Zuse"}, {Key: "company", Value: "Navy"}})
	w.waitFor(`ui.names().join() === "Edsger Dijkstra,Alan Turing,Grace Zuse"`)
	w.waitFor(`ui.row("Grace Zuse").querySelector(".cell.company").textContent.trim() === "Navy"`)

	deleteContact(t, "direct", "Dijkstra")
	w.waitFor(`ui.names().join() === "Alan Turing,Grace Zuse"`)
	w.waitFor(`document.getElementById("announcer").textContent.length > 0`) // for screen readers
}

func TestFiltersAndSearchStayUpToDate(t *testing.T) {
	insertContacts(t,
		person("filters", "Ada", "Lovelace", bson.E{Key: "tags", Value: bson.A{"vip"}}, bson.E{Key: "notes", Value: "wrote the first program"}),
		person("filters", "Adele", "Goldberg", bson.E{Key: "company", Value: "Xerox"}),
		person("filters", "Alan", "Kay", bson.E{Key: "company", Value: "Xerox"}, bson.E{Key: "tags", Value: bson.A{"vip"}}))
	w := openLive(t, "/?workspace=filters&tag=vip", viewport{})
	w.waitFor(`ui.names().join() === "Alan Kay,Ada Lovelace"`)
	updateContacts(t, "filters", "Goldberg", bson.D{{Key: "tags", Value: bson.A{"vip"}}})
	w.waitFor(`ui.names().join() === "Adele Goldberg,Alan Kay,Ada Lovelace"`)
	updateContacts(t, "filters", "Kay", bson.D{{Key: "tags", Value: bson.A{}}})
	w.waitFor(`ui.names().join() === "Adele Goldberg,Ada Lovelace"`)

	w.press("Remove the filter Tag: vip")
	w.waitFor(`ui.names().length === 3 && !location.search.includes("tag")`)
	w.keys("/")
	w.waitFor(`document.activeElement.id === "search"`)
	w.fill("search", "ad")
	w.waitFor(`ui.names().join() === "Ada Lovelace,Adele Goldberg" && location.search.includes("q=ad")`)
	w.waitFor(`[...document.querySelectorAll(".cell mark")].map((m) => m.textContent).join() === "Ad,Ad"`)
	w.waitFor(`ui.text("#count") === "2 contacts, best hits first"`)
	insertContacts(t, person("filters", "Adam", "Smith"), person("filters", "Eve", "Jones"))
	w.waitFor(`ui.names().toSorted().join() === "Ada Lovelace,Adam Smith,Adele Goldberg"`)
	updateContacts(t, "filters", "Jones", bson.D{{Key: "company", Value: "Adams & Sons"}})
	w.waitFor(`ui.names().length === 4 && ui.names().at(-1) === "Eve Jones"`) // a hit in the company comes after those in names

	w.fill("search", "program")
	w.waitFor(`ui.names().length === 0 && ui.text(".note-hits b") === "Ada Lovelace" && ui.text(".note-hits span") === "wrote the first program" && ui.text(".empty") === "Found in notes only, see below."`)
	updateContacts(t, "filters", "Smith", bson.D{{Key: "notes", Value: "a program too"}})
	w.waitFor(`document.querySelectorAll(".note-hits a").length === 2`)
	hit := `[...document.querySelectorAll(".note-hits a")].find((a) => a.textContent.includes("Ada Lovelace"))`
	require.Equal(t, "/?workspace=filters&q=program&contact="+findContact(t, "filters", "Lovelace")["_id"].(bson.ObjectID).Hex(), eval[string](w, hit+`.getAttribute("href")`))
	w.exec(hit + `.click()`)
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace"`)

	w.exec(`history.back()`)
	w.waitFor(`!location.search.includes("contact=") && location.search.includes("q=program")`)
	w.exec(`history.back()`)
	w.waitFor(`!location.search.includes("q=") && ui.value("search") === "" && ui.names().length === 5`)
}

// A search finds more names than the page has read. Hits in notes are shown below these.
func TestHitsInNotesAreShownBelowALongList(t *testing.T) {
	contacts := []bson.D{person("notes", "Eve", "Jones", bson.E{Key: "notes", Value: "a friend of Longl"})}
	for n := range 600 {
		contacts = append(contacts, person("notes", "Longlist", fmt.Sprintf("No%03d", n)))
	}
	insertContacts(t, contacts...)
	w := openLive(t, "/?workspace=notes", viewport{})
	waitUntilFormed(t, "notes")
	w.fill("search", "longl")
	w.waitFor(`ui.text(".note-hits b") === "Eve Jones" && ui.names().length > 0`)
	w.waitFor(`document.querySelector("#grid").getAttribute("aria-rowcount") !== "601"`) // the list is not read to its end
	w.fill("search", "friend"+kb.Enter)
	w.waitFor(`ui.text("#panel-title") === "Eve Jones"`) // the only hits are in notes
}

func TestOneSearchFindsNamesAddressesAndNumbers(t *testing.T) {
	insertContacts(t,
		person("find", "Zoë", "Müller-Lüdenscheidt", bson.E{Key: "phones", Value: bson.A{labelled("work", "+49 (0)30 / 12-34 56")}}),
		person("find", "Ada", "Lovelace", bson.E{Key: "emails", Value: bson.A{labelled("", "first@home.example"), labelled("work", "countess@example.com")}}),
		person("find", "Liam", "O’Neil", bson.E{Key: "title", Value: "Architect"}, bson.E{Key: "tags", Value: bson.A{"vip"}}),
		person("find", "太郎", "山田"))
	w := openLive(t, "/?workspace=find", viewport{})
	w.waitFor(`ui.names().length === 4`)
	waitUntilFormed(t, "find")
	for _, c := range []struct{ q, name string }{
		{"muller zoe", "Zoë Müller-Lüdenscheidt"},
		{"ludens", "Zoë Müller-Lüdenscheidt"},
		{"030 123456", "Zoë Müller-Lüdenscheidt"},
		{"3456", "Zoë Müller-Lüdenscheidt"},
		{"ADA L", "Ada Lovelace"},
		{"countess@exam", "Ada Lovelace"},
		{"oneil", "Liam O’Neil"},
		{"archi vip", "Liam O’Neil"},
		{"田", "太郎 山田"},
	} {
		w.fill("search", c.q)
		w.waitFor(`ui.names().join() === ` + quote(c.name))
	}
	w.fill("search", "nobody")
	w.waitFor(`ui.text(".empty").startsWith("Nothing found for “nobody”.")`)
	w.fill("search", "liam")
	w.keys(kb.Enter) // before the hits are there
	w.waitFor(`ui.text("#panel-title") === "Liam O’Neil"`)
	w.press("Close")
	w.keys("/")
	w.keys(kb.ArrowDown)
	w.waitFor(`document.activeElement.id === "grid" && document.activeElement.getAttribute("aria-activedescendant")`)
}

func TestFocusStaysOnAMovedRow(t *testing.T) {
	insertContacts(t, person("focus", "B", "Baker"), person("focus", "C", "Cook"), person("focus", "D", "Dyer"))
	w := openLive(t, "/?workspace=focus", viewport{})
	w.waitForRow("C Cook")
	w.keys("g")
	w.keys(kb.ArrowDown + kb.ArrowDown)
	active := `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.querySelector(".cell.name .fullname").textContent`
	w.waitFor(active + ` === "C Cook"`)
	insertContacts(t, person("focus", "A", "Abel"))
	updateContacts(t, "focus", "Cook", bson.D{{Key: "lastName", Value: "Young"}})
	w.waitFor(`ui.names().join() === "A Abel,B Baker,D Dyer,C Young"`)
	w.waitFor(`document.activeElement.id === "grid" && ` + active + ` === "C Young"`)
	w.keys(kb.Enter)
	w.waitFor(`document.activeElement.id === "panel-title" && ui.text("#panel-title") === "C Young"`)
	w.keys(kb.Escape)
	w.waitFor(`!document.querySelector(".panel") && document.activeElement.id === "grid"`)
}

func TestTabLeavesAFilter(t *testing.T) {
	var tags bson.A
	for i := range 40 {
		tags = append(tags, fmt.Sprintf("tag-%02d", i))
	}
	insertContacts(t, person("tab", "Ada", "Lovelace", bson.E{Key: "tags", Value: tags}))
	w := openLive(t, "/?workspace=tab", viewport{})
	w.exec(`document.getElementById("filter-tag").focus()`)
	w.waitFor(`document.querySelectorAll("#filter-tag-list [role=option]").length === 40`) // the list scrolls
	w.keys(kb.Tab)
	require.Equal(t, "Filters", eval[string](w, `document.activeElement.ariaLabel`))
}
