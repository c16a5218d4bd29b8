//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

var payloads = []string{
	`<img src=x onerror="window.hacked=1">`, `<script>window.hacked=1</script>`, `"><svg onload=window.hacked=1>`, `'-window.hacked=1-'`,
	`javascript:window.hacked=1`, `<iframe srcdoc="<script>parent.hacked=1</script>">`, "${window.hacked=1}", `{{constructor.constructor('window.hacked=1')()}}`,
	`</textarea><script>window.hacked=1</script>`, `<a href="javascript:window.hacked=1">x</a>`, `<style>*{display:none}</style>`, `<!--<img src="--><img src=x onerror=window.hacked=1>">`,
	`<math><mtext></form><form><mglyph><style></math><img src onerror=window.hacked=1>`, "\u202e<b>", `<base href="//evil.example/">`, `<meta http-equiv=refresh content="0;url=//evil.example">`,
}

// The contacts are written to MongoDB directly, so no validation can have changed them.
func TestMarkupInEveryFieldStaysText(t *testing.T) {
	var all []bson.D
	for _, p := range payloads {
		all = append(all, person("xss", p, p,
			bson.E{Key: "email", Value: p}, bson.E{Key: "phone", Value: p}, bson.E{Key: "company", Value: p}, bson.E{Key: "notes", Value: p}, bson.E{Key: "owner", Value: p},
			bson.E{Key: "tags", Value: bson.A{p}}, bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "label", Value: p}, {Key: "street", Value: p}, {Key: "city", Value: p}, {Key: "country", Value: p}}}},
			bson.E{Key: "custom", Value: bson.A{labelled(p, p)}}, bson.E{Key: "urls", Value: bson.A{labelled(p, p)}}, bson.E{Key: "related", Value: bson.A{labelled(p, p)}}, bson.E{Key: "title", Value: p}))
	}
	pipeline := open(t, "/inspect?workspace=xss", viewport{})
	pipeline.waitFor(`ui.state() === "live"`)
	insertContacts(t, all...)
	requireHarmless := func(w *window) {
		t.Helper()
		require.Equal(t, "undefined", eval[string](w, `typeof window.hacked`))
		require.Zero(t, eval[int](w, `document.querySelectorAll("#app :is(script, iframe, img, style, base, meta, math, object, embed)").length`))
		require.Zero(t, eval[int](w, `[...document.querySelectorAll("#app *")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on") || /^\s*javascript:/i.test(a.value) && ["href", "src", "action"].includes(a.name))).length`))
	}
	w := openLive(t, "/?workspace=xss", viewport{})
	w.waitFor(`ui.text("#count") === "16 contacts"`)
	for _, p := range payloads {
		w.waitForRow(p + " " + p)
	}
	requireHarmless(w)
	first := payloads[0] + " " + payloads[0]
	w.openRow(first)
	w.waitFor(`ui.shown("emails-0")`)
	require.Equal(t, payloads[0], eval[string](w, `ui.shown("notes")`))
	require.Equal(t, first, eval[string](w, `document.getElementById("panel-title").textContent`))
	requireHarmless(w)

	w.press("Edit")
	w.fill("f-notes", "mine")
	_, err := suite.db.Collection("contacts").UpdateMany(t.Context(), bson.D{{Key: "workspace", Value: "xss"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: payloads[2]}}}})
	require.NoError(t, err)
	w.waitFor(`document.querySelector(".conflict")`)
	w.waitFor(`ui.text(".conflict").includes("<svg onload")`)
	requireHarmless(w)
	w.press("Take this")

	w.exec(`document.getElementById("filter-tag").focus()`)
	w.waitFor(`document.querySelectorAll("#filter-tag-list [role=option]").length === 16`)
	requireHarmless(w)
	w.fill("search", "iframe")
	w.waitFor(`ui.names().length === 1`)
	requireHarmless(w)

	stats := openLive(t, "/?workspace=xss&view=statistics", viewport{})
	stats.waitFor(`document.querySelectorAll(".bars button").length >= 28`)
	requireHarmless(stats)

	pipeline.waitFor(`document.querySelectorAll(".trace").length >= 16`)
	pipeline.exec(`document.querySelectorAll(".trace-row").forEach((b) => b.click())`)
	pipeline.waitFor(`ui.text(".diffs").includes("<svg onload")`)
	requireHarmless(pipeline)
	require.Equal(t, "Pipeline · Grapevine", eval[string](pipeline, `document.title`))
}
