//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestBothVersionsAreShownWhenMongoDBWasFaster(t *testing.T) {
	insert(t, person("conflict", "Ada", "Lovelace", bson.E{Key: "notes", Value: "old notes"}, bson.E{Key: "email", Value: "old@example.com"}))
	w := live(t, "/?workspace=conflict", look{})
	w.openRow("Ada Lovelace")
	w.fill("f-notes", "my notes")
	w.fill("f-company", "My Company")
	set(t, "conflict", "Lovelace", bson.D{{Key: "notes", Value: "their notes"}, {Key: "email", Value: "their@example.com"}})

	w.until(`document.querySelector(".conflict")`)
	w.until(`seen.text("#conflict-title") === "Changed directly in MongoDB while you were editing"`)
	sides := `[...document.querySelectorAll(".choice")].map((c) => [c.querySelector("legend").textContent, ...[...c.querySelectorAll(".side")].map((s) => s.querySelector(".value").textContent + (s.classList.contains("on") ? "*" : ""))].join("|"))`
	require.ElementsMatch(t, []string{"E-mail|old@example.com|their@example.com*", "Company|My Company*|empty", "Notes|my notes|their notes"}, eval[[]string](w, sides))
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot .primary").disabled`)) // nobody decides but the person

	w.do(`document.querySelector(".choice:last-of-type .side input").click()`)
	w.press("Save")
	w.until(`!document.querySelector(".conflict") && seen.value("f-notes") === "my notes"`)
	w.until(`document.querySelector(".panel-foot").hidden`)
	got := stored(t, "conflict", "Lovelace")
	require.Equal(t, "my notes", got["notes"])
	require.Equal(t, "their@example.com", got["email"])
	require.Equal(t, "My Company", got["company"])
}

func TestSomebodyElsesEditOfAnOpenContactJustAppears(t *testing.T) {
	insert(t, person("appears", "Ada", "Lovelace"))
	w := live(t, "/?workspace=appears", look{})
	w.openRow("Ada Lovelace")
	set(t, "appears", "Lovelace", bson.D{{Key: "phone", Value: "+44 1"}})
	w.until(`seen.value("f-phone") === "+44 1"`)
	w.fill("f-email", "ada@example.com") // saving needs the new version's ETag
	w.press("Save")
	w.until(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "+44 1", stored(t, "appears", "Lovelace")["phone"])
	require.Equal(t, "ada@example.com", stored(t, "appears", "Lovelace")["email"])
}

// Without a socket the page learns from 412 alone.
func TestConflictIsFoundBySavingToo(t *testing.T) {
	insert(t, person("deaf", "Ada", "Lovelace", bson.E{Key: "notes", Value: "old notes"}))
	w := open(t, "/?workspace=deaf", look{script: `window.WebSocket = class { static OPEN = 1; static CONNECTING = 0; readyState = 0; close() {} };`})
	w.openRow("Ada Lovelace")
	w.until(`seen.value("f-notes") === "old notes"`)
	w.fill("f-notes", "my notes")
	set(t, "deaf", "Lovelace", bson.D{{Key: "notes", Value: "their notes"}})
	w.press("Save")
	w.until(`document.querySelector(".conflict")`)
	require.Equal(t, "their notes", stored(t, "deaf", "Lovelace")["notes"])
	w.press("Take all of theirs")
	w.press("Save")
	w.until(`seen.value("f-notes") === "their notes"`)
}

func TestServersRefusalIsShownAtTheField(t *testing.T) {
	w := live(t, "/?workspace=refusal", look{})
	w.press("New contact")
	w.fill("f-firstName", "Ada")
	w.fill("f-email", "not an address")
	w.press("Create contact")
	w.until(`document.getElementById("f-email").getAttribute("aria-invalid") === "true" && seen.text("#error-email")`)
	w.until(`document.activeElement.id === "f-email"`)
	w.fill("f-email", "ada@example.com")
	w.until(`document.getElementById("f-email").getAttribute("aria-invalid") === "false"`)
	w.press("Create contact")
	w.has("Ada")
	require.EqualValues(t, 1, countIn(t, "refusal"))
}

func TestWhatWasTypedCanBeHadBack(t *testing.T) {
	insert(t, person("typed", "Ada", "Lovelace"), person("typed", "Alan", "Turing"))
	w := live(t, "/?workspace=typed", look{})
	w.openRow("Ada Lovelace")
	w.fill("f-notes", "half a thought")
	w.do(`seen.row("Alan Turing").click()`)
	w.until(`seen.value("f-lastName") === "Turing"`)
	w.press("Go back to them")
	w.until(`seen.value("f-notes") === "half a thought"`)
	w.press("Save")
	w.until(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "half a thought", stored(t, "typed", "Lovelace")["notes"])
}

func TestOpeningAContactIsNoChangeOfIt(t *testing.T) {
	const untidy = "ends in blanks  "
	insert(t, person("untidy", "Ada", "Lovelace", bson.E{Key: "notes", Value: untidy}, bson.E{Key: "tags", Value: bson.A{"a", "a"}}))
	w := live(t, "/?workspace=untidy", look{})
	w.openRow("Ada Lovelace")
	w.until(`seen.value("f-notes") === ` + quote(untidy))
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot").hidden`))
	leaving := `((e) => (dispatchEvent(e), e.defaultPrevented))(new Event("beforeunload", {cancelable: true}))`
	require.False(t, eval[bool](w, leaving))
	w.fill("f-email", "ada@example.com")
	w.until(`!document.querySelector(".panel-foot").hidden`)
	require.True(t, eval[bool](w, leaving)) // the browser asks before it throws away what was typed
	w.press("Save")
	w.until(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "ada@example.com", stored(t, "untidy", "Lovelace")["email"])
}
