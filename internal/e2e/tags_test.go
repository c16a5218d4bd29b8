//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestTagsArePastedAndSuggested(t *testing.T) {
	insertContacts(t, person("tags", "Ada", "Lovelace"), person("tags", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"VIP", "Berlin"}}))
	w := openLive(t, "/?workspace=tags", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-tags", "v")
	w.waitFor(`document.querySelector("#f-tags-list [role=option]")`)
	w.exec(`document.execCommand("insertText", false, "ip,friend, london")`) // as one text, like from the clipboard
	w.waitFor(`[...document.querySelectorAll(".tagbox .chip")].map((chip) => chip.textContent.trim()).join() === "VIP,friend"`)
	w.keys(kb.Enter)
	w.keys("Vip" + kb.Enter) // the same tag again
	w.keys("ber" + kb.ArrowDown + kb.Enter)
	w.waitFor(`[...document.querySelectorAll(".tagbox .chip")].map((chip) => chip.textContent.trim()).join() === "VIP,friend,london,Berlin"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, bson.A{"VIP", "friend", "london", "Berlin"}, findContact(t, "tags", "Lovelace")["tags"])
}

func TestTypedTagIsSaved(t *testing.T) {
	insertContacts(t, person("typed-tag", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=typed-tag", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-tags", "mathematics")
	w.waitFor(`!document.querySelector(".panel-foot").hidden`) // it counts as an edit
	w.exec(`document.getElementById("f-tags").dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, bubbles: true, cancelable: true}))`)
	w.waitFor(`document.querySelector(".panel-foot").hidden && ui.text(".value.tags .chip") === "mathematics"`)
	require.Equal(t, bson.A{"mathematics"}, findContact(t, "typed-tag", "Lovelace")["tags"])

	w.press("Edit")
	w.fill("f-tags", "poetry")
	w.keys(kb.Escape)
	w.press("Back to editing")
	w.waitFor(`ui.text(".tagbox").includes("poetry")`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, bson.A{"mathematics", "poetry"}, findContact(t, "typed-tag", "Lovelace")["tags"])
}
