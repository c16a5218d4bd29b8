//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// What is moved or removed by keys leaves the focus at a place from which the keys go on.
func TestFocusFollowsAMovedColumn(t *testing.T) {
	insertContacts(t, person("focus-columns", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=focus-columns", viewport{width: 1500, height: 800})
	heads := `[...document.querySelectorAll(".head .cell")].map((cell) => cell.textContent.trim()).join()`
	w.waitFor(heads + ` === "Name,Company,E-mail,Phone,Tags,Updated"`)
	w.exec(`(document.querySelector(".menu.column-menu summary").click(), document.getElementById("column-phone-up").focus())`)
	w.keys(" ")
	w.waitFor(heads + ` === "Name,Company,Phone,E-mail,Tags,Updated" && document.activeElement.id === "column-phone-up"`)
	w.keys(" ")
	w.waitFor(heads + ` === "Name,Phone,Company,E-mail,Tags,Updated" && document.activeElement.id === "column-phone-down"`)
	w.keys(" ")
	w.waitFor(heads + ` === "Name,Company,Phone,E-mail,Tags,Updated" && document.activeElement.id === "column-phone-down"`)
	w.exec(`document.getElementById("column-phone").focus()`)
	w.keys(" ")
	w.waitFor(heads + ` === "Name,Company,E-mail,Tags,Updated" && document.activeElement.id === "column-phone"`)
	w.keys(" ")
	w.waitFor(heads + ` === "Name,Company,E-mail,Tags,Updated,Phone" && document.activeElement.id === "column-phone"`)
}

func TestFocusAfterAFilterOrATagIsRemoved(t *testing.T) {
	insertContacts(t, person("focus-chips", "Ada", "Lovelace", bson.E{Key: "tags", Value: bson.A{"a", "b"}}))
	w := openLive(t, "/?workspace=focus-chips&tag=a&tag=b", viewport{})
	w.waitForRow("Ada Lovelace")
	w.exec(`document.querySelector(".filter-bar li:last-child button").focus()`)
	w.keys(kb.Enter)
	w.waitFor(`location.search.endsWith("&tag=a") && document.activeElement.matches(".filter-bar button")`)
	w.keys(kb.Enter)
	w.waitFor(`!document.querySelector(".filter-bar") && document.activeElement.id === "grid"`)
	w.exec(`history.back()`)
	w.waitFor(`document.querySelector(".clear-all")`)
	w.exec(`document.querySelector(".clear-all").focus()`)
	w.keys(kb.Enter)
	w.waitFor(`!document.querySelector(".filter-bar") && document.activeElement.id === "grid"`)

	w.openRow("Ada Lovelace")
	w.press("Edit")
	w.waitFor(`document.activeElement.id === "f-firstName"`)
	w.exec(`document.querySelector(".tagbox .chip button").focus()`)
	w.keys(kb.Enter)
	w.waitFor(`document.activeElement.ariaLabel === "Remove tag b"`)
	w.keys(kb.Enter)
	w.waitFor(`!document.querySelector(".tagbox .chip") && document.activeElement.id === "f-tags"`)
	w.press("Discard")
}

// On plain HTTP a page has no clipboard of its own.
func TestCopyOnPlainHTTP(t *testing.T) {
	insertContacts(t, person("copy", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=copy", viewport{script: `Object.defineProperty(navigator, "clipboard", {value: undefined});`})
	w.openRow("Ada Lovelace")
	w.waitFor(`document.activeElement.id === "panel-title"`)
	w.keys("l")
	w.waitFor(`ui.text(".toast").startsWith("Copied.")`)
	require.Equal(t, "panel-title", eval[string](w, `document.activeElement.id`))
	w.exec(`document.execCommand = () => false`)
	w.keys("l")
	w.waitFor(`[...document.querySelectorAll(".toast")].some((toast) => toast.textContent.includes("Nothing was copied"))`)
}

// Keys of the browser stay the browser's. A dialog hides the commands of the page behind it.
func TestKeysOfTheBrowserAndOfDialogs(t *testing.T) {
	w := openLive(t, "/?workspace=browser-keys", viewport{})
	isPrevented := func(key, modifiers string) bool {
		return eval[bool](w, `((e) => (document.body.dispatchEvent(e), e.defaultPrevented))(new KeyboardEvent("keydown", {key: `+quote(key)+`, `+modifiers+`, bubbles: true, cancelable: true}))`)
	}
	require.False(t, isPrevented("S", "ctrlKey: true, shiftKey: true"))
	require.False(t, isPrevented("K", "ctrlKey: true, shiftKey: true"))
	w.keys("?")
	w.waitFor(`document.querySelector("#help[open]")`)
	require.True(t, isPrevented("s", "ctrlKey: true"))
	require.True(t, isPrevented("k", "ctrlKey: true"))
	require.False(t, eval[bool](w, `Boolean(document.getElementById("palette"))`))
}
