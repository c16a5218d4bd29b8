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
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

//go:embed testdata/axe.min.js
var axe string

//go:embed testdata/VENDORED.md
var axeVersion string

// checkAccessibility runs axe on the current page.
func (w *window) checkAccessibility(what string) {
	w.t.Helper()
	waitForAnimations(w)
	w.runActions("axe", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{Expression: axe})
		return err
	}))
	violations := eval[[]string](w, `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + " " + n.failureSummary)))`)
	require.Empty(w.t, violations, what)
}

func TestAxeFindsNothing(t *testing.T) {
	require.Contains(t, axeVersion, fmt.Sprintf("%x", sha256.Sum256([]byte(axe))))
	insertContacts(t,
		person("axe", "Ada", "Lovelace", bson.E{Key: "email", Value: "ada@example.com"}, bson.E{Key: "company", Value: "Analytical Engines"}, bson.E{Key: "tags", Value: bson.A{"vip", "press", "friend", "berlin", "lead"}},
			bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "street", Value: "12 St James's Square"}, {Key: "city", Value: "London"}}}},
			bson.E{Key: "phones", Value: bson.A{labelled("mobile", "+44 20 1"), labelled("", "+44 20 2")}}, bson.E{Key: "custom", Value: bson.A{labelled("messenger", "ada")}},
			bson.E{Key: "notes", Value: "wrote the first program"}),
		person("axe", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"vendor", "2026"}}), person("axe", "Grace", "Hopper"))
	for _, v := range []viewport{{}, {dark: true}, {width: 360, height: 740, phone: true}} {
		name := fmt.Sprintf("%d dark=%v", v.width, v.dark)
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			w := openLive(t, "/?workspace=axe", v)
			w.waitForRow("Ada Lovelace")
			w.checkAccessibility("list")
			w.openRow("Ada Lovelace")
			w.checkAccessibility("panel")
			w.keys("e")
			w.waitFor(`document.querySelector(".panel .fields")`)
			w.checkAccessibility("form")
			w.fill("f-notes", "mine "+name)
			updateContacts(t, "axe", "Lovelace", bson.D{{Key: "notes", Value: "theirs " + name}})
			w.waitFor(`document.querySelector(".conflict")`)
			w.checkAccessibility("conflict")
			w.press("Discard")
			w.press("Close")
			w.exec(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "k", ctrlKey: true, bubbles: true, cancelable: true}))`)
			w.waitFor(`document.querySelector("#palette[open]")`)
			w.keys("ada")
			w.waitFor(`document.querySelector("#palette .avatar")`)
			w.checkAccessibility("palette")
			w.keys(kb.Escape)
			w.press("Import")
			w.waitFor(`document.querySelector("#import[open]")`)
			w.checkAccessibility("import")
			w.chooseFile("people.csv", "Vorname,Kundennummer,E-Mail\nAda,1,ada@example.com\nAlan,2,no address\n,,\n,3,\n")
			w.waitFor(`document.querySelector("#import .counts") && document.querySelector("#import .mapping")`)
			w.exec(`document.querySelectorAll("#import details").forEach((details, i, all) => (details.open = i < all.length - 1))`)
			w.checkAccessibility("report of a file")
			w.exec(`document.querySelectorAll("#import details").forEach((details, i, all) => (details.open = i === all.length - 1))`)
			w.checkAccessibility("options of an import")
			w.press("Close")
			w.press("New contact")
			w.waitFor(`document.querySelector(".panel .segments")`)
			w.press("Add Addresses")
			w.checkAccessibility("new contact")
			w.press("Close")
			w.waitFor(`!document.getElementById("panel")`) // the browser has gone back to the list
			w.fill("search", "program")
			w.waitFor(`document.querySelector(".empty")`)
			w.checkAccessibility("search")

			w = openLive(t, "/?workspace=axe&view=statistics", v)
			w.waitFor(`document.querySelectorAll(".bars button").length > 3`)
			w.checkAccessibility("statistics")

			w = open(t, "/docs", v)
			w.waitFor(`document.querySelectorAll(".operation").length > 20`)
			w.exec(`document.querySelectorAll("main details").forEach((details) => (details.open = true))`)
			w.checkAccessibility("API")

			w = openLive(t, "/inspect?workspace=axe", v)
			updateContacts(t, "axe", "Hopper", bson.D{{Key: "notes", Value: "theirs " + name}})
			w.waitFor(`document.querySelector(".trace")`)
			w.exec(`document.querySelector(".trace-row").click()`)
			w.waitFor(`document.querySelector(".detail") && document.querySelector(".instances dl")`)
			w.checkAccessibility("pipeline")
		})
	}
}
