//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

var contactLink = regexp.MustCompile(`contact=[0-9a-f]{24}`)

// printedRows counts the contacts on paper: the name of each is a link.
func (w *window) printedRows() int {
	w.t.Helper()
	links := map[string]bool{}
	w.runActions("print", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		printed, err := cdp.Call(ctx, target, page.PrintToPDF, page.PrintToPDFParams{})
		for _, link := range contactLink.FindAllString(string(printed.Data), -1) {
			links[link] = true
		}
		return err
	}))
	return len(links)
}

// The browser's own way to print has the rows that were read, and a line that says so. Ctrl P reads the others before.
func TestPaperHasTheWholeList(t *testing.T) {
	const count = 507
	var all []bson.D
	for i := range count {
		all = append(all, person("real-paper", "Number", fmt.Sprintf("%03d", i)))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "real-paper")
	w := openLive(t, "/?workspace=real-paper", viewport{script: `window.print = () => (window.opened = true);`})
	w.waitFor(`ui.text("#count") === "507 contacts" && ui.row("Number 000")`)
	w.waitFor(`ui.text(".on-paper") === "Contacts 1 to 200 of 507."`)
	require.Equal(t, 200, w.printedRows())
	w.control("p")
	w.waitFor(`window.opened`)
	require.Equal(t, count, w.printedRows())
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".on-paper"))`))
}
