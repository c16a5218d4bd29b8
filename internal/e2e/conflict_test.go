//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestConflictShowsBothVersions(t *testing.T) {
	insertContacts(t, person("conflict", "Ada", "Lovelace", bson.E{Key: "notes", Value: "old notes"}, bson.E{Key: "email", Value: "old@example.com"}))
	w := openLive(t, "/?workspace=conflict", viewport{})
	w.openRow("Ada Lovelace")
	w.fill("f-notes", "my notes")
	w.fill("f-company", "My Company")
	updateContacts(t, "conflict", "Lovelace", bson.D{{Key: "notes", Value: "their notes"}, {Key: "email", Value: "their@example.com"}})

	w.waitFor(`document.querySelector(".conflict")`)
	w.waitFor(`ui.text("#conflict-title") === "Changed directly in MongoDB while you were editing"`)
	sides := `[...document.querySelectorAll(".choice")].map((c) => [c.querySelector("legend").textContent, ...[...c.querySelectorAll(".side")].map((s) => s.querySelector(".value").textContent + (s.classList.contains("on") ? "*" : ""))].join("|"))`
	require.ElementsMatch(t, []string{"E-mail|old@example.com|their@example.com*", "Company|My Company*|empty", "Notes|my notes|their notes"}, eval[[]string](w, sides))
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot .primary").disabled`)) // the person has to decide

	w.exec(`document.querySelector(".choice:last-of-type .side input").click()`)
	w.press("Save")
	w.waitFor(`!document.querySelector(".conflict") && ui.value("f-notes") === "my notes"`)
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	got := findContact(t, "conflict", "Lovelace")
	require.Equal(t, "my notes", got["notes"])
	require.Equal(t, []string{"their@example.com"}, values(got["emails"]))
	require.Equal(t, "My Company", got["company"])
}

func TestEditOfAnOpenContactAppears(t *testing.T) {
	insertContacts(t, person("appears", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=appears", viewport{})
	w.openRow("Ada Lovelace")
	updateContacts(t, "appears", "Lovelace", bson.D{{Key: "phone", Value: "+44 1"}})
	w.waitFor(`ui.value("f-phones-0") === "+44 1"`)
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
	w.openRow("Ada Lovelace")
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
	w.waitFor(`ui.value("f-notes") === "old notes"`)
	w.fill("f-notes", "my notes")
	updateContacts(t, "deaf", "Lovelace", bson.D{{Key: "notes", Value: "their notes"}})
	w.press("Save")
	w.waitFor(`document.querySelector(".conflict")`)
	require.Equal(t, "their notes", findContact(t, "deaf", "Lovelace")["notes"])
	w.press("Take all of theirs")
	w.press("Save")
	w.waitFor(`ui.value("f-notes") === "their notes"`)
}

func TestValidationErrorIsShownAtTheField(t *testing.T) {
	w := openLive(t, "/?workspace=refusal", viewport{})
	w.press("New contact")
	w.fill("f-firstName", "Ada")
	w.fill("f-emails-0", "not an address")
	w.press("Create contact")
	w.waitFor(`document.getElementById("f-emails-0").getAttribute("aria-invalid") === "true" && ui.text("#error-emails-0-value")`)
	w.waitFor(`document.activeElement.id === "f-emails-0"`)
	w.fill("f-emails-0", "ada@example.com")
	w.waitFor(`document.getElementById("f-emails-0").getAttribute("aria-invalid") === "false"`)
	w.press("Create contact")
	w.waitForRow("Ada")
	require.EqualValues(t, 1, countContacts(t, "refusal"))
}

func TestUnsavedEditCanBeResumed(t *testing.T) {
	insertContacts(t, person("typed", "Ada", "Lovelace"), person("typed", "Alan", "Turing"))
	w := openLive(t, "/?workspace=typed", viewport{})
	w.openRow("Ada Lovelace")
	w.fill("f-notes", "half a thought")
	w.exec(`ui.row("Alan Turing").click()`)
	w.waitFor(`ui.value("f-lastName") === "Turing"`)
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
	w.waitFor(`ui.value("f-notes") === ` + quote(untidy))
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot").hidden`))
	leaving := `((e) => (dispatchEvent(e), e.defaultPrevented))(new Event("beforeunload", {cancelable: true}))`
	require.False(t, eval[bool](w, leaving))
	w.fill("f-emails-0", "ada@example.com")
	w.waitFor(`!document.querySelector(".panel-foot").hidden`)
	require.True(t, eval[bool](w, leaving)) // the browser asks before it discards the edit
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, []string{"ada@example.com"}, values(findContact(t, "untidy", "Lovelace")["emails"]))
}
