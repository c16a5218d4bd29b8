//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// The statistics hide the open contact, so its keys rest there. Keys that lead to the list lead there from the statistics too.
func TestKeysOnTheStatistics(t *testing.T) {
	insertContacts(t, person("statistics-keys", "Ada", "Lovelace"), person("statistics-keys", "Alan", "Turing"))
	waitUntilFormed(t, "statistics-keys")
	w := openLive(t, "/?workspace=statistics-keys", viewport{})
	w.openRow("Ada Lovelace")
	statistics := `document.querySelector(".tiles") && !document.querySelector(".panel")`
	w.keys("s")
	w.waitFor(statistics)
	address := eval[string](w, `location.search`)
	require.Contains(t, address, findContact(t, "statistics-keys", "Lovelace")["_id"].(bson.ObjectID).Hex())
	w.keys("ejkd" + kb.Escape)
	w.control("s")
	require.Equal(t, address, eval[string](w, `location.search`))
	w.control("k")
	w.waitFor(`document.activeElement.id === "palette-text"`)
	w.keys("delete the open")
	w.waitFor(`ui.text("#palette .hint") === "Nothing found"`)
	w.keys(kb.Escape)
	w.waitFor(`!document.getElementById("palette")`)

	w.control("k")
	w.waitFor(`document.activeElement.id === "palette-text"`)
	w.keys("turing" + kb.Enter)
	w.waitFor(`ui.text("#panel-title") === "Alan Turing" && !location.search.includes("view=")`)
	w.exec(`history.back()`)
	w.waitFor(statistics)

	w.keys("/")
	w.waitFor(`document.activeElement.id === "search"`)
	w.keys("turing" + kb.Enter)
	w.waitFor(`ui.text("#panel-title") === "Alan Turing" && document.activeElement.id === "panel-title"`)
	w.keys("s")
	w.waitFor(statistics)
	w.keys("g")
	w.waitFor(`document.activeElement.id === "grid"`)
}
