//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func labelled(label, value string) bson.D {
	return bson.D{{Key: "label", Value: label}, {Key: "value", Value: value}}
}

// rowsOf are the values of a list in the form, each with its label.
func rowsOf(name string) string {
	return `[...document.querySelectorAll(".list-row.` + name + `")].map((row) => row.querySelector(".row-value").value + "|" + row.querySelector(".row-label").value)`
}

func TestRowsAreAddedMovedAndRemoved(t *testing.T) {
	insertContacts(t, person("rows", "Ada", "Lovelace",
		bson.E{Key: "emails", Value: bson.A{labelled("home", "ada@home.example")}},
		bson.E{Key: "phones", Value: bson.A{labelled("mobile", "+44 1"), labelled("fax", "+44 2")}}))
	w, other := openLive(t, "/?workspace=rows", viewport{}), openLive(t, "/?workspace=rows", viewport{})
	editRow(w, "Ada Lovelace")
	w.waitFor(rowsOf("emails") + `.join() === "ada@home.example|home"`)

	w.press("Add another e-mail")
	w.waitFor(`document.activeElement.id === "f-emails-1"`)
	w.keys("ada@work.example" + kb.Tab + "office")
	w.keys(kb.ArrowUp, chromedp.KeyModifiers(kb.ModifierAlt))
	w.waitFor(rowsOf("emails") + `.join() === "ada@work.example|office,ada@home.example|home" && document.activeElement.id === "f-emails-0-label"`)
	w.press("Remove phone 1")
	w.waitFor(rowsOf("phones") + `.join() === "+44 2|fax" && document.activeElement.id === "f-phones-0"`)
	w.press("Add Dates")
	w.waitFor(`document.activeElement.id === "f-dates-0"`)
	w.keys("1815-12-10")
	w.press("Add Addresses")
	w.waitFor(`document.activeElement.id === "f-addresses-0"`)
	w.keys("12 St James's Square" + kb.Enter + "2nd floor")
	w.fill("f-addresses-0-city", "London")
	w.press("Add another phone") // an empty row is not saved
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, []string{"+44 2 fax"}, eval[[]string](w, `[...document.querySelectorAll(".value.phones .entry")].map((entry) => entry.textContent.replace(/\s+/g, " ").trim())`))

	got := findContact(t, "rows", "Lovelace")
	require.Equal(t, bson.A{labelled("office", "ada@work.example"), labelled("home", "ada@home.example")}, got["emails"])
	require.Equal(t, bson.A{labelled("fax", "+44 2")}, got["phones"])
	require.Equal(t, bson.A{labelled("birthday", "1815-12-10")}, got["dates"])
	require.Equal(t, bson.A{bson.D{{Key: "street", Value: "12 St James's Square\n2nd floor"}, {Key: "city", Value: "London"}}}, got["addresses"])
	other.waitFor(`ui.row("Ada Lovelace").querySelector(".cell.email").textContent.trim() === "ada@work.example +1"`)
}

// A person sets email in mongosh. It is the first e-mail of the contact, beside others too.
func TestTextOfADirectEditIsTheFirstRow(t *testing.T) {
	insertContacts(t, person("shorthand", "Ada", "Lovelace", bson.E{Key: "emails", Value: bson.A{labelled("work", "old@example.com"), labelled("home", "home@example.com")}}))
	w := openLive(t, "/?workspace=shorthand", viewport{})
	editRow(w, "Ada Lovelace")
	w.waitFor(rowsOf("emails") + `.join() === "old@example.com|work,home@example.com|home"`)
	updateContacts(t, "shorthand", "Lovelace", bson.D{{Key: "email", Value: "new@example.com"}})
	w.waitFor(rowsOf("emails") + `.join() === "new@example.com|work,home@example.com|home"`)
	require.True(t, eval[bool](w, `document.querySelector(".panel-foot .primary").disabled`)) // it is no edit of this page
	w.fill("f-notes", "kept")
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "kept", findContact(t, "shorthand", "Lovelace")["notes"])
}

func TestErrorsAreShownAtTheirRows(t *testing.T) {
	insertContacts(t, person("row-errors", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=row-errors", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-emails-0", "ada@example.com")
	w.press("Add another e-mail")
	w.waitFor(`document.activeElement.id === "f-emails-1"`)
	w.keys("two@@example.com")
	w.press("Add Dates")
	w.waitFor(`document.activeElement.id === "f-dates-0"`)
	w.keys("tomorrow")
	w.press("Save")
	w.waitFor(`ui.text("#error-emails-1-value").startsWith("E-mail is not an e-mail address") && ui.text("#error-dates-0-value").startsWith("Date must be a date such as")`)
	w.waitFor(`document.activeElement.id === "f-emails-1" && document.activeElement.ariaInvalid === "true"`)
	require.Equal(t, "Not saved. Please correct 2 fields.", eval[string](w, `ui.text(".panel .notice")`))
	w.fill("f-emails-1", "two@example.com")
	w.waitFor(`!document.querySelector("#error-emails-1-value") && document.querySelector("#error-dates-0-value")`)
	w.fill("f-dates-0", "--12-10")
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, []string{"ada@example.com", "two@example.com"}, values(findContact(t, "row-errors", "Lovelace")["emails"]))
}
