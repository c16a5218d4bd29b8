//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// The diagram follows the change that is open. It lets go of one that is closed, cleared or pushed out of the list.
func TestDiagramLetsGoOfAChange(t *testing.T) {
	w := openLive(t, "/inspect?workspace=let-go", viewport{})
	open := func(name string) { // opens or closes the change that made a contact
		t.Helper()
		row := `[...document.querySelectorAll(".trace.created")].find((trace) => trace.querySelector(".who").textContent.includes(` + quote(name) + `))`
		w.waitFor(row)
		w.exec(row + `.querySelector(".trace-row").click()`)
	}
	insertContacts(t, person("let-go", "Ada", "Lovelace"), person("let-go", "Alan", "Turing"))
	open("Lovelace")
	w.waitFor(`ui.text(".which").startsWith("Created: Ada Lovelace")`)
	open("Turing")
	w.waitFor(`ui.text(".which").startsWith("Created: Alan Turing")`)
	open("Turing")
	w.waitFor(`ui.text(".which").startsWith("Created: Ada Lovelace")`) // it is still open

	w.press("Clear")
	insertContacts(t, person("let-go", "Grace", "Hopper"))
	w.waitFor(`ui.text(".which").includes("Grace Hopper")`)

	open("Hopper")
	w.waitFor(`document.querySelector(".trace.open")`)
	require.Eventually(t, func() bool {
		var all []bson.D
		for range 20 {
			all = append(all, person("let-go", "Many", "Others"))
		}
		insertContacts(t, all...)
		return !eval[bool](w, `Boolean(document.querySelector(".trace.open"))`)
	}, waitTimeout, waitTimeout/300)
	w.waitFor(`ui.text(".which").includes("Many Others")`)
}
