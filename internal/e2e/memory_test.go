//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// keptRows counts the contacts that the page's list holds in memory. The browser finds the objects itself.
func (w *window) keptRows() int {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, waitTimeout)
	defer cancel()
	const group = "lists" // the browser keeps the objects it found until the group is released
	var rows int
	action := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		class, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{
			AwaitPromise: new(true),
			Expression:   `import(performance.getEntriesByType("resource").find(({name}) => name.endsWith("/list-window.js")).name).then(({ListWindow}) => ListWindow.prototype)`,
		})
		if err != nil {
			return err
		}
		objects, err := cdp.Call(ctx, target, runtime.QueryObjects, runtime.QueryObjectsParams{PrototypeObjectID: class.Result.ObjectID, ObjectGroup: group})
		if err != nil {
			return err
		}
		count, err := cdp.Call(ctx, target, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
			ObjectID: objects.Objects.ObjectID, ReturnByValue: new(true),
			FunctionDeclaration: `function () { return this.reduce((n, list) => n + list.rows.length, 0) }`,
		})
		if err != nil {
			return err
		}
		if _, err = fmt.Sscan(string(count.Result.Value), &rows); err != nil {
			return err
		}
		_, err = cdp.Call(ctx, target, runtime.ReleaseObjectGroup, runtime.ReleaseObjectGroupParams{ObjectGroup: group})
		return err
	})
	require.NoError(w.t, chromedp.Do(ctx, action))
	return rows
}

// Thousands of contacts arrive in a list that was read whole. The page keeps those around the window, and finds the others again.
func TestFarRowsAreReleased(t *testing.T) {
	const parts, size = 4, 3_000
	const most = 3_000 + 1_000 + 200 // those that arrived since the last reading, and the page that was read last
	insertContacts(t, person("grow", "Ada", "Aaa"), person("grow", "Zoe", "Zzz"))
	waitUntilFormed(t, "grow")
	w := openLive(t, "/?workspace=grow", viewport{})
	w.openRow("Ada Aaa")
	for part := range parts {
		var all []bson.D
		for i := range size {
			all = append(all, person("grow", "Number", fmt.Sprintf("N%05d", i*parts+part)))
		}
		insertContacts(t, all...)
		require.LessOrEqual(t, w.keptRows(), most+size)
	}
	waitUntilFormed(t, "grow")
	w.waitFor(`ui.text("#count") === "12,002 contacts" && ui.state() === "live"`)
	require.Eventually(t, func() bool { return w.keptRows() <= most }, waitTimeout, 100*time.Millisecond)
	w.waitForRow("Number N00000")

	w.keys("g")
	w.keys(kb.End)
	w.waitForRow("Zoe Zzz")
	w.waitForRow("Number N11999")
	require.LessOrEqual(t, w.keptRows(), most)
	require.Equal(t, "12003", eval[string](w, `ui.row("Zoe Zzz").ariaRowIndex`))
	require.Equal(t, "12,002 contacts", eval[string](w, `ui.text("#count")`))
	require.Equal(t, "Ada Aaa", eval[string](w, `ui.text("#panel-title")`))

	// Changes before the rows that are kept, and in them.
	insertContacts(t, person("grow", "Ben", "Aab"))
	updateContacts(t, "grow", "N11998", bson.D{{Key: "company", Value: "Here"}})
	deleteContact(t, "grow", "N00010")
	deleteContact(t, "grow", "Zzz")
	w.waitFor(`ui.text("#count") === "12,001 contacts" && ui.row("Number N11999")?.ariaRowIndex === "12002" && !ui.row("Zoe Zzz")`)
	w.waitFor(`ui.row("Number N11998").querySelector(".cell.company").textContent.trim() === "Here"`)

	// The next contact after the open one, which is far away.
	w.press("Next contact")
	w.waitFor(`ui.text("#panel-title") === "Ben Aab" && ui.row("Ben Aab").ariaSelected === "true" && ui.names()[0] === "Ada Aaa"`)
	w.exec(`document.getElementById("grid").scrollTop = document.getElementById("grid").scrollHeight / 2`)
	w.waitFor(`ui.names().some((name) => /^Number N0(59|60)/.test(name))`)
	require.LessOrEqual(t, w.keptRows(), most)
	w.exec(`document.getElementById("grid").scrollTop = 0`)
	w.waitForRow("Ada Aaa")

	// Whoever scrolls row by row finds a thousand rows on the way back without another reading, and not all.
	for row := 500; row <= 5_000; row += 500 {
		w.exec(fmt.Sprintf(`document.getElementById("grid").scrollTop = 42 * %d`, row))
		w.waitForRow(fmt.Sprintf("Number N%05d", row))
		require.LessOrEqual(t, w.keptRows(), most)
	}
	require.Greater(t, w.keptRows(), 1_000)
}
