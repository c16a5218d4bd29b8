//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// The open contact leaves the list: the next one has its place.
func TestStepFromAContactThatLeftTheList(t *testing.T) {
	engines := bson.E{Key: "company", Value: "Engines"}
	for _, last := range []string{"Aaa", "Bbb", "Ccc", "Ddd", "Eee"} {
		insertContacts(t, person("step", "N", last, engines))
	}
	waitUntilFormed(t, "step")
	w := openLive(t, "/?workspace=step&company=Engines", viewport{})
	w.openRow("N Bbb")
	deleteContact(t, "step", "Bbb")
	w.waitFor(`ui.names().join() === "N Aaa,N Ccc,N Ddd,N Eee" && ui.text(".panel .notice")`)
	w.keys("j")
	w.waitFor(`ui.text("#panel-title") === "N Ccc"`)
	updateContacts(t, "step", "Ccc", bson.D{{Key: "company", Value: "Another"}})
	w.waitFor(`ui.names().join() === "N Aaa,N Ddd,N Eee"`)
	w.keys("k")
	w.waitFor(`ui.text("#panel-title") === "N Aaa"`)
	w.openRow("N Eee")
	deleteContact(t, "step", "Eee")
	w.waitFor(`ui.names().join() === "N Aaa,N Ddd"`)
	require.True(t, eval[bool](w, `document.querySelector('[aria-label="Next contact"]').disabled`))
	w.keys("k")
	w.waitFor(`ui.text("#panel-title") === "N Ddd"`)
}
