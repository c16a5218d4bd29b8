//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A contact beyond what a page reads for a link: the page says so, and leaves the list where it is.
func TestLinkToAContactFarDown(t *testing.T) {
	var all []bson.D
	for i := range 5_500 {
		all = append(all, person("far-down", "Number", fmt.Sprintf("%04d", i)))
	}
	insertContacts(t, all...)
	waitUntilFormed(t, "far-down")
	w := openLive(t, "/?workspace=far-down&contact="+all[5_450][0].Value.(bson.ObjectID).Hex(), viewport{})
	w.waitFor(`ui.text("#panel-title") === "Number 5450"`)
	w.exec(`document.getElementById("grid").scrollTop = 42 * 300`)
	w.waitFor(`ui.text(".toast").startsWith("The contact is too far down in the list to show its row.")`)
	w.waitForRow("Number 0300")
}
