//go:build e2e && engines

package e2e

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/e2e/webdriver"
)

// TestEngines does the same work in Chromium, Firefox and WebKit.
func TestEngines(t *testing.T) {
	const many = 10_000
	var all []bson.D
	for i := range many {
		all = append(all, person("engines", "Number", fmt.Sprintf("%05d", i+1)))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "engines")
	away, err := startInstance(t.Context(), "away", suite.mongo.URI, suite.redis.URL)
	require.NoError(t, err)
	t.Cleanup(func() { away.kill() })

	for _, engine := range webdriver.Engines {
		t.Run(string(engine), func(t *testing.T) {
			w := startEngine(t, engine, webdriver.Options{})
			w.step("load and scroll", scrollManyRows)
			w.step("search", searchAsOneTypes)
			w.step("edit", editContact)
			w.step("labels", chooseLabels)
			w.step("conflict", decideConflict)
			w.step("delete", deleteAndUndo)
			w.step("import", importFile)
			w.step("menus", useMenus)
			w.step("keyboard", workByKeyboard)
			w.step("back", comeBackToThePlace)
			w.step("small windows", useSmallWindows)
			w.step("any size", reachTheEndOfAnySize)
			w.step("server away", func(w *engineWindow) { comeBackLive(w, away) })
		})
	}
}

// workspace makes a workspace of this engine with its contacts, and opens it.
func (w *engineWindow) workspace(name string, contacts ...func(workspace string) bson.D) string {
	w.t.Helper()
	workspace := fmt.Sprintf("%s-%s", w.engine, name)
	var all []bson.D
	for _, contact := range contacts {
		all = append(all, contact(workspace))
	}
	if all != nil {
		insertContacts(w.t, all...)
		waitUntilFormed(w.t, workspace)
	}
	w.goTo(suite.app.url("/?workspace=" + workspace))
	return workspace
}

func named(first, last string, more ...bson.E) func(string) bson.D {
	return func(workspace string) bson.D { return person(workspace, first, last, more...) }
}

func scrollManyRows(w *engineWindow) {
	w.goTo(suite.app.url("/?workspace=engines"))
	w.waitFor(`ui.text("#count") === "10,000 contacts" && ui.row("Number 00001")`)
	// Many screens for each frame, down to the end.
	w.exec(`(() => {
		const grid = document.getElementById("grid");
		const step = () => {
			grid.scrollTop += 10 * grid.clientHeight;
			if (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 2) requestAnimationFrame(step);
		};
		requestAnimationFrame(step);
	})()`)
	w.waitFor(`ui.row("Number 10000")`)
	require.Less(w.t, engineEval[int](w, `document.querySelectorAll(".body .row").length`), 120)
	w.exec(`document.getElementById("grid").scrollTop = 200000`)
	w.waitFor(`ui.row("Number 04770")`)
	w.keys("g" + webdriver.Home)
	w.waitFor(`ui.row("Number 00001")`)
	w.keys(webdriver.End)
	w.waitFor(`ui.row("Number 10000")`)
}

func searchAsOneTypes(w *engineWindow) {
	w.goTo(suite.app.url("/?workspace=engines"))
	w.click(`document.getElementById("search")`)
	for _, typed := range []string{"0", "9", "9", "9", "9"} {
		w.keys(typed)
	}
	w.waitFor(`ui.names().join() === "Number 09999" && location.search.includes("q=09999")`)
	w.waitFor(`[...document.querySelectorAll(".cell mark")].map((m) => m.textContent).join() === "09999"`)
	w.keys(webdriver.Enter)
	w.waitFor(`ui.text("#panel-title") === "Number 09999"`)
	w.exec(`history.back()`)
	w.waitFor(`!document.querySelector(".panel")`)
	w.exec(`history.back()`)
	w.waitFor(`ui.value("search") === "" && ui.text("#count") === "10,000 contacts"`)
}

// It has a tag from the suggestions, an international address, and a tag that is still being typed.
func editContact(w *engineWindow) {
	workspace := w.workspace("edit", named("Ada", "Lovelace"), named("Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"Berlin"}}))
	editRow(w, "Ada Lovelace")
	w.fill("f-emails-0", "ada@müller.example")
	w.fill("f-notes", "Größe, naïve, 山田")
	w.fill("f-tags", "ber")
	w.waitFor(`document.querySelector("#f-tags-list [role=option]")`)
	w.keys(webdriver.ArrowDown + webdriver.Enter)
	w.waitFor(`[...document.querySelectorAll(".tagbox .chip")].map((chip) => chip.textContent.trim()).join() === "Berlin"`)
	w.keys("vip")
	w.control(webdriver.Enter)
	w.waitFor(`ui.text("#v-notes") === "Größe, naïve, 山田"`)
	got := findContact(w.t, workspace, "Lovelace")
	require.Equal(w.t, []string{"ada@müller.example"}, values(got["emails"]))
	require.Equal(w.t, bson.A{"Berlin", "vip"}, got["tags"])
	w.waitFor(`ui.row("Ada Lovelace").querySelector(".cell.email").textContent.trim() === "ada@müller.example"`)
}

func decideConflict(w *engineWindow) {
	workspace := w.workspace("conflict", named("Ada", "Lovelace", bson.E{Key: "notes", Value: "old notes"}))
	editRow(w, "Ada Lovelace")
	w.fill("f-notes", "my notes")
	updateContacts(w.t, workspace, "Lovelace", bson.D{{Key: "notes", Value: "their notes"}, {Key: "title", Value: "Countess"}})
	w.waitFor(`ui.text(".conflict .theirs") === "their notes" && ui.value("f-title") === "Countess"`)
	require.Equal(w.t, "f-notes", engineEval[string](w, `document.activeElement.id`))
	w.press("Keep mine")
	w.press("Save")
	w.waitFor(`ui.text("#v-notes") === "my notes"`)
	got := findContact(w.t, workspace, "Lovelace")
	require.Equal(w.t, "my notes", got["notes"])
	require.Equal(w.t, "Countess", got["title"])
}

func deleteAndUndo(w *engineWindow) {
	workspace := w.workspace("delete", named("Ada", "Lovelace"), named("Alan", "Turing"))
	w.openRow("Ada Lovelace")
	w.press("Delete")
	w.waitFor(`ui.names().join() === "Alan Turing"`)
	w.press("Undo")
	w.waitFor(`ui.names().length === 2`)
	w.openRow("Alan Turing")
	w.press("Delete")
	w.waitFor(`ui.names().join() === "Ada Lovelace"`)
	w.press("Dismiss")
	require.Eventually(w.t, func() bool { return countContacts(w.t, workspace) == 1 }, waitTimeout, 50*time.Millisecond)
}

func importFile(w *engineWindow) {
	workspace := w.workspace("import")
	w.press("Import")
	w.chooseFile("people.csv", "Vorname,Nachname,E-Mail\nAda,Lovelace,ada@example.com\nAlan,Turing,alan@example.com\n")
	w.press("Import 2 contacts")
	w.waitFor(`ui.text("#import .notice") === "2 contacts imported."`)
	w.press("Done")
	w.waitFor(`ui.names().toSorted().join() === "Ada Lovelace,Alan Turing"`)
	require.EqualValues(w.t, 2, countContacts(w.t, workspace))
}

// A menu stays open until the click in it counts, wherever the engine puts the focus.
func useMenus(w *engineWindow) {
	w.workspace("menus", named("Ada", "Lovelace"))
	w.exec(`(() => { HTMLAnchorElement.prototype.click = function () { window.saved = this.download; }; })()`)
	w.press("Export")
	w.press("As CSV")
	w.waitFor(`window.saved === "contacts-` + string(w.engine) + `-menus.csv"`)
	w.click(`document.querySelector(".workspace summary")`)
	w.waitFor(`document.querySelector(".workspace[open]")`)
	w.click(`document.getElementById("count")`)
	w.waitFor(`!document.querySelector(".workspace[open]")`)
	w.click(`document.querySelector(".app-menu summary")`)
	w.press("Deutsch (de)")
	w.waitFor(`document.documentElement.lang === "de" && !document.querySelector(".app-menu[open]")`)
	w.click(`document.querySelector(".app-menu summary")`)
	w.press("English (en)")
	w.waitFor(`document.documentElement.lang === "en"`)
}

// Nothing here is clicked.
func workByKeyboard(w *engineWindow) {
	workspace := w.workspace("keyboard", named("Ada", "Lovelace"), named("Alan", "Turing"))
	w.keys("/")
	w.waitFor(`document.activeElement.id === "search"`)
	w.keys("ada")
	w.waitFor(`ui.names().join() === "Ada Lovelace"`)
	w.keys(webdriver.Enter)
	w.waitFor(`document.activeElement.id === "panel-title"`)
	w.keys("e")
	w.waitFor(`document.activeElement.id === "f-firstName"`)
	tabTo(w, "#f-notes")
	w.keys("Countess")
	w.control(webdriver.Enter)
	w.waitFor(`ui.text("#v-notes") === "Countess" && document.activeElement.id === "panel-title"`)
	w.keys(webdriver.Escape)
	w.waitFor(`!document.querySelector(".panel")`)
	w.keys("n")
	w.waitFor(`document.activeElement.id === "f-firstName"`)
	w.keys("Mary" + webdriver.Tab)
	tabTo(w, "#f-lastName")
	w.keys("Somerville")
	w.control("s")
	w.waitFor(`ui.text("#panel-title") === "Mary Somerville" && document.querySelector(".read")`)
	w.keys(webdriver.Escape)
	w.waitFor(`!document.querySelector(".panel")`)
	w.control("k")
	w.waitFor(`document.activeElement.id === "palette-text"`)
	w.keys("Clear search")
	w.waitFor(`ui.text("#palette .option.active").includes("Clear search")`)
	w.keys(webdriver.Enter)
	w.waitFor(`ui.names().length === 3`)
	w.keys("g" + webdriver.Home + webdriver.Delete)
	w.waitFor(`ui.names().length === 2`)
	w.keys("u")
	w.waitFor(`ui.names().length === 3`)
	require.Equal(w.t, "Countess", findContact(w.t, workspace, "Lovelace")["notes"])
}

// The way back leads to the place in the list where the person was.
func comeBackToThePlace(w *engineWindow) {
	w.goTo(suite.app.url("/?workspace=engines"))
	w.waitFor(`ui.row("Number 00001") && ui.text("#count") === "10,000 contacts"`)
	w.exec(`document.getElementById("grid").scrollTop = 42 * 250`)
	w.waitFor(`ui.row("Number 00255")`)
	w.exec(`setTimeout(() => (location.href = "/inspect"))`)
	w.waitFor(`!document.getElementById("grid")`)
	w.exec(`setTimeout(() => history.back())`)
	w.waitFor(`document.getElementById("grid") && ui.row("Number 00255")`)
}

// A phone, and a window of 1280 pixels enlarged to 200 %.
func useSmallWindows(w *engineWindow) {
	defer w.resize(1280, 800)
	long := strings.Repeat("Wolfeschlegelsteinhausen", 5)
	workspace := w.workspace("phone", named("Ada", "Lovelace"), named(long, "Turing", bson.E{Key: "company", Value: long}, bson.E{Key: "tags", Value: bson.A{long, "vip"}}))
	w.resize(640, 400)
	w.waitFor(`ui.row("Ada Lovelace")`)
	require.Empty(w.t, engineEval[[]string](w, overflowing))
	w.resize(390, 844)
	require.Empty(w.t, engineEval[[]string](w, overflowing))
	w.openRow(long + " Turing")
	waitForAnimations(w)
	require.Empty(w.t, engineEval[[]string](w, overflowing))
	w.press("Close")
	editRow(w, "Ada Lovelace")
	waitForAnimations(w)
	require.Empty(w.t, engineEval[[]string](w, overflowing))
	w.fill("f-notes", "by phone")
	w.press("Save")
	w.waitFor(`ui.text("#v-notes") === "by phone"`)
	require.Equal(w.t, "by phone", findContact(w.t, workspace, "Lovelace")["notes"])
	w.press("Close")
	w.fill("search", "wolf")
	w.waitFor(`ui.names().length === 1`)
}

// More rows than the engine's limit for the height of an element.
func reachTheEndOfAnySize(w *engineWindow) {
	w.goTo(startHugeList(w.t).url("/?workspace=" + w.workspace("huge", named("Ada", "Lovelace"))))
	scrollToTheEnd(w)
	w.goTo(suite.app.url("/?workspace=engines")) // before the proxy ends
}

// The server is away for several attempts of the page. Firefox lets a new socket wait for up to a minute after some that failed.
func comeBackLive(w *engineWindow, away *instance) {
	w.goTo(away.url("/?workspace=engines"))
	away.kill()
	w.waitFor(`ui.state() === "offline"`)
	closeConnections(w.t, away.addr, 6)
	ctx, cancel := context.WithTimeout(w.t.Context(), waitTimeout)
	defer cancel()
	require.NoError(w.t, away.start(ctx))
	w.press("Try now")
	w.waitWithin(4*time.Second, `ui.state() === "live"`)
}

// closeConnections takes the place of a server until n connections have come, and closes each at once.
func closeConnections(t *testing.T, addr string, n int) {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	require.NoError(t, listener.(*net.TCPListener).SetDeadline(time.Now().Add(waitTimeout)))
	for range n {
		conn, err := listener.Accept()
		require.NoError(t, err)
		_ = conn.Close()
	}
}

// A person with weak eyes has set the smallest size of text.
func TestLargestFontInFirefox(t *testing.T) {
	w := startEngine(t, webdriver.Firefox, webdriver.Options{MinimumFont: 24})
	w.step("list", func(w *engineWindow) {
		w.workspace("font", named("Ada", "Lovelace", bson.E{Key: "company", Value: "Engines"}, bson.E{Key: "email", Value: "ada@example.com"}, bson.E{Key: "tags", Value: bson.A{"vip", "berlin"}}), named("Alan", "Turing"))
		w.waitFor(`ui.row("Ada Lovelace")`)
		require.Empty(w.t, engineEval[[]string](w, overflowing))
		const inTheirPlace = `ui.rows().every((row) => {
			const name = row.querySelector(".fullname").getBoundingClientRect(), initials = row.querySelector(".avatar").getBoundingClientRect(), r = row.getBoundingClientRect();
			const chips = [...row.querySelectorAll(".chip")].map((chip) => chip.getBoundingClientRect());
			return initials.right <= name.left && row.querySelector(".avatar").scrollWidth <= Math.ceil(initials.width) && [name, ...chips].every(({top, bottom}) => top >= r.top && bottom <= r.bottom);
		})`
		require.True(w.t, engineEval[bool](w, inTheirPlace))
		w.openRow("Ada Lovelace")
		waitForAnimations(w)
		require.Empty(w.t, engineEval[[]string](w, overflowing))
	})
}
