//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// An error is in sight although each of four messages before it offers an Undo.
func TestErrorBesideUndo(t *testing.T) {
	for i := range 6 {
		insertContacts(t, person("toasts", "Number", fmt.Sprint(i)))
	}
	waitUntilFormed(t, "toasts")
	w := openLive(t, "/?workspace=toasts", viewport{script: `{
		const fetchNow = fetch;
		window.fetch = async (path, options) => String(path).startsWith("/contacts/export") ? Promise.reject(new TypeError("cut")) : fetchNow(path, options);
	}`})
	w.waitFor(`ui.names().length === 6`)
	w.exec(`document.getElementById("grid").focus()`)
	w.keys(kb.Home + strings.Repeat(kb.Delete, 4))
	w.waitFor(`ui.names().length === 2`)
	w.press("Export")
	w.press("As CSV")
	w.waitFor(`document.querySelector(".toast.error")`)
}
