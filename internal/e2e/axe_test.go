//go:build e2e

package e2e

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

//go:embed testdata/axe.min.js
var axe string

//go:embed testdata/VENDORED.md
var vendored string

// accessible lets axe look at what is on the screen now.
func (w *window) accessible(what string) {
	w.t.Helper()
	w.quiet()
	w.run("axe", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{Expression: axe})
		return err
	}))
	found := eval[[]string](w, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + " " + n.failureSummary)))`)
	require.Empty(w.t, found, what)
}

func TestAxeFindsNothing(t *testing.T) {
	require.Contains(t, vendored, fmt.Sprintf("%x", sha256.Sum256([]byte(axe))))
	insert(t,
		person("axe", "Ada", "Lovelace", bson.E{Key: "email", Value: "ada@example.com"}, bson.E{Key: "company", Value: "Analytical Engines"}, bson.E{Key: "tags", Value: bson.A{"vip", "press", "friend", "berlin", "lead"}},
			bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "street", Value: "12 St James's Square"}, {Key: "city", Value: "London"}}}}),
		person("axe", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"vendor", "2026"}}), person("axe", "Grace", "Hopper"))
	for _, l := range []look{{}, {dark: true}, {width: 360, height: 740, phone: true}} {
		name := fmt.Sprintf("%d dark=%v", l.width, l.dark)
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			w := live(t, "/?workspace=axe", l)
			w.has("Ada Lovelace")
			w.accessible("list")
			w.openRow("Ada Lovelace")
			w.accessible("panel")
			w.fill("f-notes", "mine "+name)
			set(t, "axe", "Lovelace", bson.D{{Key: "notes", Value: "theirs " + name}})
			w.until(`document.querySelector(".conflict")`)
			w.accessible("conflict")
			w.press("Discard mine")
			w.press("Close")
			w.press("Import")
			w.until(`document.querySelector("#import[open]")`)
			w.accessible("import")
			w.press("Close")
			w.press("New contact")
			w.until(`document.querySelector(".panel .segments")`)
			w.accessible("new contact")

			w = live(t, "/?workspace=axe&view=statistics", l)
			w.until(`document.querySelectorAll(".bars button").length > 3`)
			w.accessible("statistics")

			w = live(t, "/inspect?workspace=axe", l)
			set(t, "axe", "Hopper", bson.D{{Key: "notes", Value: "theirs " + name}})
			w.until(`document.querySelector(".trace")`)
			w.do(`document.querySelector(".trace-row").click()`)
			w.until(`document.querySelector(".detail") && document.querySelector(".instances dl")`)
			w.accessible("pipeline")
		})
	}
}
