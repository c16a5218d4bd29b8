//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// Ctrl S goes on with the edit, and Ctrl Enter ends it, wherever the focus is.
func TestKeysThatSave(t *testing.T) {
	insertContacts(t, person("save", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=save", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-company", "Engines")
	w.keys("s", chromedp.KeyModifiers(kb.ModifierCtrl))
	w.waitFor(`ui.row("Ada Lovelace").textContent.includes("Engines")`)
	require.True(t, eval[bool](w, `document.activeElement.id === "f-company"`))
	w.fill("f-company", "Analytical Engines")
	w.exec(`document.getElementById("grid").focus()`)
	w.keys("\r", chromedp.KeyModifiers(kb.ModifierCtrl))
	w.waitFor(`document.getElementById("v-company")?.textContent.trim() === "Analytical Engines"`)
	require.Equal(t, "Analytical Engines", findContact(t, "save", "Lovelace")["company"])
}
