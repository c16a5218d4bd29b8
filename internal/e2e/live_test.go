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
	a, b := live(t, "/?workspace=two", look{}), live(t, "/?workspace=two", look{})
	a.until(`seen.text(".presence").startsWith("2")`)
	b.until(`seen.text(".presence").startsWith("2")`)

	a.keys("n")
	a.fill("f-firstName", "Ada")
	a.fill("f-lastName", "Lovelace")
	a.press("Create contact")
	a.has("Ada Lovelace")
	b.has("Ada Lovelace")

	b.openRow("Ada Lovelace")
	b.fill("f-email", "ada@example.com")
	b.press("Save")
	a.until(`seen.row("Ada Lovelace").querySelector(".cell.email").textContent.trim() === "ada@example.com"`)
	a.until(`seen.value("f-email") === "ada@example.com"`) // its panel is still open there

	b.press("Delete")
	b.lacks("Ada Lovelace")
	a.has("Ada Lovelace") // until the way back is over
	b.press("Dismiss")
	a.lacks("Ada Lovelace")
	a.until(`seen.text(".panel .notice").includes("deleted this contact")`)
	require.Zero(t, countIn(t, "two"))
}

func TestDirectEditInMongoDBAppears(t *testing.T) {
	insert(t, person("direct", "Grace", "Hopper"), person("direct", "Alan", "Turing"))
	w := live(t, "/?workspace=direct", look{})
	w.until(`seen.names().join() === "Grace Hopper,Alan Turing"`)

	insert(t, person("direct", "Edsger", "Dijkstra"))
	w.until(`seen.names().join() === "Edsger Dijkstra,Grace Hopper,Alan Turing"`)
	w.until(`seen.text(".status .source") === "MongoDB"`)
	w.until(`seen.text("#count") === "3 contacts"`)

	set(t, "direct", "Hopper", bson.D{{Key: "lastName", Value: "Zuse"}, {Key: "company", Value: "Navy"}})
	w.until(`seen.names().join() === "Edsger Dijkstra,Alan Turing,Grace Zuse"`)
	w.until(`seen.row("Grace Zuse").querySelector(".cell.company").textContent.trim() === "Navy"`)

	remove(t, "direct", "Dijkstra")
	w.until(`seen.names().join() === "Alan Turing,Grace Zuse"`)
	w.until(`document.getElementById("announcer").textContent.length > 0`) // screen readers are told
}

func TestFiltersAndSearchStayRightWhileThingsChange(t *testing.T) {
	insert(t,
		person("filters", "Ada", "Lovelace", bson.E{Key: "tags", Value: bson.A{"vip"}}, bson.E{Key: "notes", Value: "wrote the first program"}),
		person("filters", "Adele", "Goldberg", bson.E{Key: "company", Value: "Xerox"}),
		person("filters", "Alan", "Kay", bson.E{Key: "company", Value: "Xerox"}, bson.E{Key: "tags", Value: bson.A{"vip"}}))
	w := live(t, "/?workspace=filters&tag=vip", look{})
	w.until(`seen.names().join() === "Alan Kay,Ada Lovelace"`)
	set(t, "filters", "Goldberg", bson.D{{Key: "tags", Value: bson.A{"vip"}}})
	w.until(`seen.names().join() === "Adele Goldberg,Alan Kay,Ada Lovelace"`)
	set(t, "filters", "Kay", bson.D{{Key: "tags", Value: bson.A{}}})
	w.until(`seen.names().join() === "Adele Goldberg,Ada Lovelace"`)

	w.press("Clear: Tag")
	w.until(`seen.names().length === 3 && !location.search.includes("tag")`)
	w.keys("/")
	w.until(`document.activeElement.id === "search"`)
	w.fill("search", "ad")
	w.until(`seen.names().join() === "Adele Goldberg,Ada Lovelace" && location.search.includes("prefix=ad")`)
	w.until(`[...document.querySelectorAll(".cell mark")].map((m) => m.textContent).join() === "Ad,Ad"`)
	insert(t, person("filters", "Adam", "Smith"), person("filters", "Eve", "Jones"))
	w.until(`seen.names().join() === "Adele Goldberg,Ada Lovelace,Adam Smith"`)

	w.fill("search", "program")
	w.keys(kb.Enter)
	w.until(`seen.names().join() === "Ada Lovelace" && location.search.includes("q=program")`)
	set(t, "filters", "Smith", bson.D{{Key: "notes", Value: "a program too"}})
	w.until(`seen.names().toSorted().join() === "Ada Lovelace,Adam Smith"`)

	w.do(`history.back()`)
	w.until(`seen.value("search") === "ad" || seen.value("search") === ""`)
	w.until(`!location.search.includes("q=")`)
}

func TestFocusStaysWithTheRowThatMoves(t *testing.T) {
	insert(t, person("focus", "B", "Baker"), person("focus", "C", "Cook"), person("focus", "D", "Dyer"))
	w := live(t, "/?workspace=focus", look{})
	w.has("C Cook")
	w.keys("g")
	w.keys(kb.ArrowDown + kb.ArrowDown)
	active := `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.querySelector(".cell.name .fullname").textContent`
	w.until(active + ` === "C Cook"`)
	insert(t, person("focus", "A", "Abel"))
	set(t, "focus", "Cook", bson.D{{Key: "lastName", Value: "Young"}})
	w.until(`seen.names().join() === "A Abel,B Baker,D Dyer,C Young"`)
	w.until(`document.activeElement.id === "grid" && ` + active + ` === "C Young"`)
	w.keys(kb.Enter)
	w.until(`document.activeElement.id === "panel-title" && seen.value("f-lastName") === "Young"`)
	w.keys(kb.Escape)
	w.until(`!document.querySelector(".panel") && document.activeElement.id === "grid"`)
}

func TestTabLeavesAFilterForTheNext(t *testing.T) {
	var tags bson.A
	for i := range 40 {
		tags = append(tags, fmt.Sprintf("tag-%02d", i))
	}
	insert(t, person("tab", "Ada", "Lovelace", bson.E{Key: "tags", Value: tags}))
	w := live(t, "/?workspace=tab", look{})
	w.do(`document.getElementById("filter-tag").focus()`)
	w.until(`document.querySelectorAll("#filter-tag-list [role=option]").length === 40`) // more than fit, so they scroll
	w.keys(kb.Tab)
	require.Equal(t, "Import", eval[string](w, `document.activeElement.ariaLabel`))
}
