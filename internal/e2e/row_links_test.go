//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// A real mouse: a tab of its own by the middle button and by Ctrl, and no page that is loaded again by a second click.
func TestMouseOnTheNameOfARow(t *testing.T) {
	insertContacts(t, person("mouse", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=mouse", viewport{})
	address := "/?workspace=mouse&contact=" + findContact(t, "mouse", "Lovelace")["_id"].(bson.ObjectID).Hex()
	tabs := func() (n int) {
		targets, err := chromedp.Targets(w.ctx)
		require.NoError(t, err)
		for _, target := range targets {
			if strings.HasSuffix(target.URL, address) {
				n++
			}
		}
		return n
	}
	name := `ui.row("Ada Lovelace")?.querySelector("a.fullname")`
	w.clickAt(name, chromedp.ButtonMiddle)
	require.Eventually(t, func() bool { return tabs() == 1 }, waitTimeout, waitTimeout/100)
	w.clickAt(name, func(p *input.DispatchMouseEventParams) { p.Modifiers = int64(kb.ModifierCtrl) })
	require.Eventually(t, func() bool { return tabs() == 2 }, waitTimeout, waitTimeout/100)
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".panel"))`))

	w.exec(`window.samePage = true`)
	w.exec(`getSelection().selectAllChildren(document.getElementById("count"))`)
	w.exec(name + `.click()`) // what a second click does while a text is selected
	w.exec(`getSelection().removeAllRanges()`)
	w.clickAt(name)
	w.waitFor(`ui.text("#panel-title") === "Ada Lovelace"`)
	require.True(t, eval[bool](w, `Boolean(window.samePage)`))
}
