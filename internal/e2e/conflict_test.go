//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestConflictAsksBesideTheField(t *testing.T) {
	insertContacts(t, person("conflict", "Ada", "Lovelace", bson.E{Key: "notes", Value: "old notes"}, bson.E{Key: "email", Value: "old@example.com"}))
	w := openLive(t, "/?workspace=conflict", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-company", "My Company")
	w.fill("f-notes", "my notes")
	updateContacts(t, "conflict", "Lovelace", bson.D{{Key: "notes", Value: "their notes"}, {Key: "email", Value: "their@example.com"}})

	w.waitFor(`document.querySelectorAll(".conflict").length === 1 && ui.text(".conflict .theirs") === "their notes"`)
	require.Contains(t, eval[string](w, `ui.text(".conflict")`), "Changed directly in MongoDB while you were editing")
	require.True(t, eval[bool](w, `[...document.querySelectorAll(".conflict button")].every((b) => b.scrollWidth <= b.clientWidth)`)) // no text sticks out
	require.Equal(t, "f-notes", eval[string](w, `document.activeElement.id`))
	require.Equal(t, []string{"their@example.com", "My Company", "my notes"}, eval[[]string](w, `["f-emails-0", "f-company", "f-notes"].map(ui.value)`))
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot .primary").disabled`)) // the person has to decide

	w.press("Keep mine")
	w.waitFor(`!document.querySelector(".conflict") && document.activeElement.id === "f-notes"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden && ui.shown("notes") === "my notes"`)
	got := findContact(t, "conflict", "Lovelace")
	require.Equal(t, "my notes", got["notes"])
	require.Equal(t, []string{"their@example.com"}, values(got["emails"]))
	require.Equal(t, "My Company", got["company"])
}

// Both sides change the rows of a list: the row in which the person types stays as it is until the person decides.
func TestConflictOfRowsKeepsWhatIsTyped(t *testing.T) {
	insertContacts(t, person("conflict-rows", "Ada", "Lovelace", bson.E{Key: "emails", Value: bson.A{labelled("work", "old@example.com"), labelled("home", "home@example.com")}}))
	w := openLive(t, "/?workspace=conflict-rows", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-emails-1", "mine@example")
	updateContacts(t, "conflict-rows", "Lovelace", bson.D{{Key: "emails", Value: bson.A{labelled("work", "their@example.com")}}, {Key: "title", Value: "Countess"}})
	w.waitFor(`ui.text(".field:has(#f-emails-1) .conflict .theirs") === "work: their@example.com" && ui.value("f-title") === "Countess"`)
	w.keys(".com")
	w.waitFor(rowsOf("emails") + `.join() === "old@example.com|work,mine@example.com|home"`)
	require.Equal(t, "f-emails-1", eval[string](w, `document.activeElement.id`))
	w.press("Take this")
	w.waitFor(rowsOf("emails") + `.join() === "their@example.com|work" && document.activeElement.id === "f-emails-0"`)
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot .primary").disabled`)) // nothing is left to save
}

// Somebody types 200 characters while a script changes every other field 20 times a second.
func TestTypingGoesOnWhileOthersEdit(t *testing.T) {
	insertContacts(t, person("storm", "Ada", "Lovelace", bson.E{Key: "notes", Value: "old"}), person("storm", "Alan", "Turing"))
	id := findContact(t, "storm", "Lovelace")["_id"]
	w := openLive(t, "/?workspace=storm", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-notes", ">")
	w.exec(`(window.left = 0, document.getElementById("f-notes").addEventListener("blur", () => left++))`)

	ctx, cancel := context.WithCancel(t.Context())
	edits := make(chan int)
	go func() {
		tick := time.NewTicker(time.Second / 20)
		defer tick.Stop()
		for n := 0; ; n++ {
			text := fmt.Sprintf("%d", n)
			list := bson.A{bson.D{{Key: "label", Value: "work"}, {Key: "value", Value: text + "@example.com"}}}
			_, _ = suite.db.Collection("contacts").UpdateByID(context.WithoutCancel(ctx), id, bson.D{{Key: "$set", Value: bson.D{
				{Key: "prefix", Value: text},
				{Key: "firstName", Value: "Ada" + text},
				{Key: "middleName", Value: text},
				{Key: "suffix", Value: text},
				{Key: "nickname", Value: text},
				{Key: "company", Value: "Company " + text},
				{Key: "title", Value: text},
				{Key: "department", Value: text},
				{Key: "emails", Value: list},
				{Key: "phones", Value: list},
				{Key: "urls", Value: list},
				{Key: "related", Value: list},
				{Key: "custom", Value: list},
				{Key: "tags", Value: bson.A{text}},
				{Key: "owner", Value: text},
				{Key: "addresses", Value: bson.A{bson.D{{Key: "city", Value: text}}}},
				{Key: "dates", Value: bson.A{bson.D{{Key: "value", Value: fmt.Sprintf("%d-01-01", 1900+n%100)}}}},
			}}})
			select {
			case <-ctx.Done():
				edits <- n
				return
			case <-tick.C:
			}
		}
	}()
	typed := strings.Repeat("nsidugn /?", 20) // every key that is a command elsewhere
	for i := 0; i < len(typed); i += 5 {
		w.keys(typed[i : i+5])
	}
	cancel()
	last := <-edits
	require.Greater(t, last, 5)
	w.waitFor(fmt.Sprintf(`ui.value("f-company") === "Company %d"`, last)) // merged in place
	require.Equal(t, ">"+typed, eval[string](w, `ui.value("f-notes")`))
	require.Equal(t, "f-notes", eval[string](w, `document.activeElement.id`))
	require.Zero(t, eval[int](w, `left`))
	require.Zero(t, eval[int](w, `document.querySelectorAll(".conflict, dialog[open]").length`))
	require.Equal(t, "/?workspace=storm&contact="+id.(bson.ObjectID).Hex(), eval[string](w, `location.pathname + location.search`))
	w.keys("\r", chromedp.KeyModifiers(kb.ModifierCtrl))
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	got := findContact(t, "storm", "Lovelace")
	require.Equal(t, ">"+typed, got["notes"])
	require.Equal(t, fmt.Sprintf("Company %d", last), got["company"])
	require.EqualValues(t, 2, countContacts(t, "storm"))
}

// The field in which somebody types is taken away: the next keys are no commands.
func TestKeysMeantForAFieldAreNoCommands(t *testing.T) {
	w := openLive(t, "/?workspace=rest", viewport{})
	w.fill("search", "mo")
	w.exec(`document.activeElement.blur()`)
	w.keys("n")
	w.waitFor(`document.activeElement === document.body`)
	require.False(t, eval[bool](w, `Boolean(document.getElementById("panel"))`))
	w.waitFor(`(document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "n", bubbles: true, cancelable: true})), location.search.includes("contact=new"))`) // after a second it is one again
}

// Somebody presses Edit and is in Notes before the focus has moved to the first field.
func TestFieldThatIsEnteredKeepsTheFocus(t *testing.T) {
	insertContacts(t, person("entered", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=entered", viewport{})
	w.openRow("Ada Lovelace")
	w.exec(`new MutationObserver((_, observer) => {
		const notes = document.getElementById("f-notes");
		if (!notes) return;
		observer.disconnect();
		notes.focus();
		let frames = 0;
		const next = () => (++frames < 5 ? requestAnimationFrame(next) : (window.focused = document.activeElement.id));
		requestAnimationFrame(next);
	}).observe(document.body, {childList: true, subtree: true})`)
	w.press("Edit")
	w.waitFor(`window.focused`)
	require.Equal(t, "f-notes", eval[string](w, `focused`))
}

// Somebody deletes the contact while another types: the text and the focus stay, and the contact can be made again.
func TestContactIsDeletedDuringAnEdit(t *testing.T) {
	insertContacts(t, person("deleted-edit", "Ada", "Lovelace"), person("deleted-edit", "Alan", "Turing"))
	w := openLive(t, "/?workspace=deleted-edit", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-notes", "half a ")
	deleteContact(t, "deleted-edit", "Lovelace")
	w.waitFor(`ui.text(".panel .notice").includes("Somebody deleted this contact.")`)
	w.keys("thought")
	require.Equal(t, "f-notes", eval[string](w, `document.activeElement.id`))
	w.press("Create it again from the values below")
	w.waitFor(`ui.value("f-notes") === "half a thought" && ui.value("f-lastName") === "Lovelace"`)
	w.press("Create contact")
	w.waitForRow("Ada Lovelace")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "half a thought", findContact(t, "deleted-edit", "Lovelace")["notes"])
	leaving := `((e) => (dispatchEvent(e), e.defaultPrevented))(new Event("beforeunload", {cancelable: true}))`
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".status .unsaved")) || `+leaving)) // nothing is left of the old edit

	// Or the text is not wanted any more.
	w.openRow("Alan Turing")
	w.press("Edit")
	w.fill("f-notes", "not wanted")
	deleteContact(t, "deleted-edit", "Turing")
	w.waitFor(`ui.text(".panel .notice").includes("Somebody deleted this contact.")`)
	w.press("Close")
	w.waitFor(`ui.text(".status .unsaved") === "1 unsaved"`)
	w.exec(`document.querySelector(".status .unsaved").click()`)
	w.waitFor(`ui.value("f-notes") === "not wanted"`)
	w.press("Discard")
	w.waitFor(`!document.querySelector(".panel")`)
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".status .unsaved")) || `+leaving))
}

func TestEditOfAnOpenContactAppears(t *testing.T) {
	insertContacts(t, person("appears", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=appears", viewport{})
	w.openRow("Ada Lovelace")
	updateContacts(t, "appears", "Lovelace", bson.D{{Key: "phone", Value: "+44 1"}})
	w.waitFor(`ui.shown("phones-0") === "+44 1"`)
	w.press("Edit")
	w.fill("f-emails-0", "ada@example.com") // the save needs the new version's ETag
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, []string{"+44 1"}, values(findContact(t, "appears", "Lovelace")["phones"]))
	require.Equal(t, []string{"ada@example.com"}, values(findContact(t, "appears", "Lovelace")["emails"]))
}

// A write of the derived part alone is no change for a person: it disturbs neither the edit of an open contact nor the last
// change below the list. The row only goes where it belongs.
func TestDerivedPartIsNoEditForAPerson(t *testing.T) {
	insertContacts(t, person("derived", "Ada", "Lovelace"), person("derived", "Grace", "Hopper"))
	waitUntilFormed(t, "derived")
	w := openLive(t, "/?workspace=derived", viewport{script: `window.derived = new Set(); {
		const S = WebSocket;
		window.WebSocket = class extends S {
			constructor(...args) {
				super(...args);
				this.addEventListener("message", ({ data }) => {
					const { changed, position } = JSON.parse(data);
					if (changed?.length === 0) derived.add(position);
				});
			}
		};
	}`})
	updateContacts(t, "derived", "Hopper", bson.D{{Key: "notes", Value: "the last change"}})
	w.waitFor(`ui.text(".status .last").includes("Grace Hopper changed")`)
	editRow(w, "Ada Lovelace")
	w.fill("f-notes", "Countess")
	w.exec(`window.before = derived.size`)
	updateContacts(t, "derived", "Lovelace", bson.D{{Key: "_form", Value: bson.D{}}})
	w.waitFor(`derived.size >= before + 2`) // the direct edit, and the write that puts it right
	w.waitFor(`ui.names().join() === "Grace Hopper,Ada Lovelace" && ui.value("f-notes") === "Countess"`)
	require.True(t, eval[bool](w, `!ui.row("Ada Lovelace").classList.contains("flash") && !document.querySelector(".panel .notice")`))
	require.Contains(t, eval[string](w, `ui.text(".status .last")`), "Grace Hopper changed")
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "Countess", findContact(t, "derived", "Lovelace")["notes"])
}

// Without a socket, only the status 412 tells the page about the conflict.
func TestConflictIsFoundBySaving(t *testing.T) {
	insertContacts(t, person("deaf", "Ada", "Lovelace", bson.E{Key: "notes", Value: "old notes"}))
	w := open(t, "/?workspace=deaf", viewport{script: `window.WebSocket = class { static OPEN = 1; static CONNECTING = 0; readyState = 0; close() {} };`})
	w.openRow("Ada Lovelace")
	w.waitFor(`ui.shown("notes") === "old notes"`)
	w.press("Edit")
	w.fill("f-notes", "my notes")
	updateContacts(t, "deaf", "Lovelace", bson.D{{Key: "notes", Value: "their notes"}})
	w.press("Save")
	w.waitFor(`document.querySelector(".conflict")`)
	require.Equal(t, "their notes", findContact(t, "deaf", "Lovelace")["notes"])
	w.press("Take this")
	w.waitFor(`ui.value("f-notes") === "their notes" && document.querySelector(".panel-foot .primary").disabled`)
}

func TestValidationErrorIsShownAtTheField(t *testing.T) {
	w := openLive(t, "/?workspace=refusal", viewport{})
	w.press("New contact")
	w.fill("f-firstName", "Ada")
	w.fill("f-emails-0", "not an address")
	w.press("Create contact")
	w.waitFor(`document.getElementById("f-emails-0").getAttribute("aria-invalid") === "true" && ui.text("#error-emails-0-value")`)
	w.waitFor(`document.activeElement.id === "f-emails-0"`)
	w.fill("f-emails-0", "ada@bücher.example")
	w.waitFor(`document.getElementById("f-emails-0").getAttribute("aria-invalid") === "false"`)
	w.fill("f-phones-0", "call me")
	w.waitFor(`ui.text(".list-row.phones .remark") === "There is no digit in it."`)
	w.press("Create contact")
	w.waitForRow("Ada")
	var stored struct {
		Emails, Phones []struct{ Value string }
	}
	require.NoError(t, suite.db.Collection("contacts").FindOne(t.Context(), bson.D{{Key: "workspace", Value: "refusal"}}).Decode(&stored))
	require.Equal(t, "ada@bücher.example", stored.Emails[0].Value) // as it was typed
	require.Equal(t, "call me", stored.Phones[0].Value)            // a remark is no refusal
	require.EqualValues(t, 1, countContacts(t, "refusal"))
}

func TestUnsavedEditCanBeResumed(t *testing.T) {
	insertContacts(t, person("typed", "Ada", "Lovelace"), person("typed", "Alan", "Turing"))
	w := openLive(t, "/?workspace=typed", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-notes", "half a thought")
	w.exec(`ui.row("Alan Turing").click()`)
	w.waitFor(`ui.text("#panel-title") === "Alan Turing"`)
	w.press("Back to editing")
	w.waitFor(`ui.value("f-notes") === "half a thought"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "half a thought", findContact(t, "typed", "Lovelace")["notes"])
}

func TestOpeningAContactDoesNotChangeIt(t *testing.T) {
	const untidy = "ends in blanks  "
	insertContacts(t, person("untidy", "Ada", "Lovelace", bson.E{Key: "notes", Value: untidy}, bson.E{Key: "tags", Value: bson.A{"a", "a"}}))
	w := openLive(t, "/?workspace=untidy", viewport{})
	w.openRow("Ada Lovelace")
	w.waitFor(`ui.shown("notes") === ` + quote(untidy))
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot").hidden`))
	w.press("Edit")
	w.waitFor(`ui.value("f-notes") === ` + quote(untidy))
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot .primary").disabled`))
	leaving := `((e) => (dispatchEvent(e), e.defaultPrevented))(new Event("beforeunload", {cancelable: true}))`
	require.False(t, eval[bool](w, leaving))
	w.fill("f-emails-0", "ada@example.com")
	w.waitFor(`!document.querySelector(".panel-foot .primary").disabled`)
	require.True(t, eval[bool](w, leaving)) // the browser asks before it discards the edit
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, []string{"ada@example.com"}, values(findContact(t, "untidy", "Lovelace")["emails"]))
}
