//go:build e2e && engines

package e2e

import (
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// The labels that are offered for a row, and another one.
func chooseLabels(w *engineWindow) {
	workspace := w.workspace("labels", named("Ada", "Lovelace", bson.E{Key: "phones", Value: bson.A{bson.D{{Key: "value", Value: "+44 1"}}}}))
	w.openRow("Ada Lovelace")
	w.press("Edit")
	w.waitFor(`document.getElementById("f-phones-0-label")`)
	require.Equal(w.t, []string{"mobile", "work", "home", "main", "fax", "other"},
		engineEval[[]string](w, `[...document.getElementById("f-phones-0-label").list.options].map((option) => option.value)`))
	w.fill("f-phones-0-label", "ho")
	w.keys("use")
	w.waitFor(`document.getElementById("f-phones-0-label").value === "house"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".value.phones .label")?.textContent === "house"`)
	require.Equal(w.t, bson.A{labelled("house", "+44 1")}, findContact(w.t, workspace, "Lovelace")["phones"])
}
