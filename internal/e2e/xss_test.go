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

// Written directly into MongoDB, so that nothing on the way in can have made it harmless.
func TestMarkupInEveryFieldStaysText(t *testing.T) {
	var all []bson.D
	for _, p := range payloads {
		all = append(all, person("xss", p, p,
			bson.E{Key: "email", Value: p}, bson.E{Key: "phone", Value: p}, bson.E{Key: "company", Value: p}, bson.E{Key: "notes", Value: p}, bson.E{Key: "owner", Value: p},
			bson.E{Key: "tags", Value: bson.A{p}}, bson.E{Key: "addresses", Value: bson.A{bson.D{{Key: "label", Value: p}, {Key: "street", Value: p}, {Key: "city", Value: p}, {Key: "country", Value: p}}}}))
	}
	pipeline := open(t, "/inspect?workspace=xss", look{})
	pipeline.until(`seen.state() === "live"`)
	insert(t, all...)
	harmless := func(w *window) {
		t.Helper()
		require.Equal(t, "undefined", eval[string](w, `typeof window.hacked`))
		require.Zero(t, eval[int](w, `document.querySelectorAll("#app :is(script, iframe, img, style, base, meta, math, object, embed)").length`))
		require.Zero(t, eval[int](w, `[...document.querySelectorAll("#app *")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on") || /^\s*javascript:/i.test(a.value) && ["href", "src", "action"].includes(a.name))).length`))
	}
	w := live(t, "/?workspace=xss", look{})
	w.until(`seen.text("#count") === "16 contacts"`)
	for _, p := range payloads {
		w.has(p + " " + p)
	}
	harmless(w)
	first := payloads[0] + " " + payloads[0]
	w.openRow(first)
	w.until(`seen.value("f-email")`)
	require.Equal(t, payloads[0], eval[string](w, `seen.value("f-notes")`))
	require.Equal(t, first, eval[string](w, `document.getElementById("panel-title").textContent`))
	harmless(w)

	w.fill("f-notes", "mine")
	_, err := world.db.Collection("contacts").UpdateMany(t.Context(), bson.D{{Key: "workspace", Value: "xss"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: payloads[2]}}}})
	require.NoError(t, err)
	w.until(`document.querySelector(".conflict")`)
	w.until(`seen.text(".conflict").includes("<svg onload")`)
	harmless(w)
	w.press("Take all of theirs")
	w.press("Save")

	w.do(`document.getElementById("filter-tag").focus()`)
	w.until(`document.querySelectorAll("#filter-tag-list [role=option]").length === 16`)
	harmless(w)
	w.fill("search", "<img")
	w.until(`seen.names().length === 1`)
	harmless(w)

	stats := live(t, "/?workspace=xss&view=statistics", look{})
	stats.until(`document.querySelectorAll(".bars button").length >= 28`)
	harmless(stats)

	pipeline.until(`document.querySelectorAll(".trace").length >= 16`)
	pipeline.do(`document.querySelectorAll(".trace-row").forEach((b) => b.click())`)
	pipeline.until(`seen.text(".diffs").includes("<svg onload")`)
	harmless(pipeline)
	require.Equal(t, "Pipeline · Grapevine", eval[string](pipeline, `document.title`))
}
