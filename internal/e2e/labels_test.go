//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// "home" is the stored form of "privat", and the start of another label.
func TestLabelIsTypedInGerman(t *testing.T) {
	insertContacts(t, person("labels", "Ada", "Lovelace", bson.E{Key: "emails", Value: bson.A{bson.D{{Key: "value", Value: "ada@example.com"}}}}))
	w := openLive(t, "/?workspace=labels", viewport{script: `localStorage.setItem("grapevine.language", "de");`})
	w.openRow("Ada Lovelace")
	w.press("Bearbeiten")
	w.fill("f-emails-0-label", "home")
	updateContacts(t, "labels", "Lovelace", bson.D{{Key: "title", Value: "Countess"}})
	w.waitFor(`ui.value("f-title") === "Countess"`) // the form was rendered again
	w.keys(" office")
	require.Equal(t, "home office", eval[string](w, `ui.value("f-emails-0-label")`))
	w.press("Speichern")
	w.waitFor(`ui.text(".value.emails .label") === "home office"`)
	require.Equal(t, bson.A{labelled("home office", "ada@example.com")}, findContact(t, "labels", "Lovelace")["emails"])

	w.press("Bearbeiten")
	w.fill("f-emails-0-label", "home")
	w.exec(`document.getElementById("f-notes").focus()`)
	w.waitFor(`ui.value("f-emails-0-label") === "privat"`)
	require.True(t, eval[bool](w, `[...document.getElementById("f-emails-0-label").list.options].some((option) => option.value === "privat")`))
	w.press("Verwerfen")
}
