//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// Notes with the line ends of another system: typing and deleting a letter is no edit, and the caret stays.
func TestLineEndsOfOtherSystems(t *testing.T) {
	insertContacts(t, person("line-ends", "Ada", "Lovelace", bson.E{Key: "notes", Value: "one\r\ntwo\r\nthree"}))
	w := openLive(t, "/?workspace=line-ends", viewport{})
	editRow(w, "Ada Lovelace")
	w.waitFor(`ui.value("f-notes") === "one\ntwo\nthree"`)
	w.exec(`(document.getElementById("f-notes").focus(), document.getElementById("f-notes").setSelectionRange(3, 3))`)
	w.keys("x")
	w.waitFor(`!document.querySelector(".panel-foot .primary").disabled`)
	require.Equal(t, 4, eval[int](w, `document.getElementById("f-notes").selectionStart`))
	w.keys(kb.Backspace)
	w.waitFor(`document.querySelector(".panel-foot .primary").disabled`)
	require.Equal(t, 3, eval[int](w, `document.getElementById("f-notes").selectionStart`))
	require.Equal(t, "one\r\ntwo\r\nthree", findContact(t, "line-ends", "Lovelace")["notes"])
}
