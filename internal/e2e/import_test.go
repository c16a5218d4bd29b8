//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func (w *window) chooseFile(name, content string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), name)
	require.NoError(w.t, os.WriteFile(file, []byte(content), 0o600))
	w.runActions("choose", chromedp.SetUploadFiles(chromedp.CSS("#import input[type=file]"), []string{file}))
}

func TestImport(t *testing.T) {
	const counts = `[...document.querySelectorAll("#import .counts li")].map((item) => item.textContent.trim()).join(", ")`
	w := openLive(t, "/?workspace=import", viewport{})
	other := openLive(t, "/?workspace=import", viewport{})
	w.press("Import")

	w.chooseFile("photo.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	w.waitFor(`ui.text("#import .notice").includes("was not imported")`)
	w.press("Choose another file")

	var csv strings.Builder
	csv.WriteString("Vorname,Nachname,E-Mail-Adresse,Kategorien,Kundennummer,Notizen\n")
	for i := range 300 {
		fmt.Fprintf(&csv, "Number,%03d,n%d@example.com,imported;csv,C%d,\"with, comma\nand line\"\n", i, i, i)
	}
	csv.WriteString(",,,,,\"nobody\"\n")
	w.chooseFile("people.csv", strings.Replace(csv.String(), "n7@example.com", "not an address", 1))
	w.waitFor(counts + ` === "300 new, 1 will be left out"`)
	require.Equal(t, "Number 000", eval[string](w, `ui.text("#import .preview td")`))
	require.EqualValues(t, 0, countContacts(t, "import"))
	require.Equal(t, "602", eval[string](w, `ui.text("#import [aria-label='Rows that were left out'] td")`)) // each contact takes two lines
	w.waitFor(`ui.text("#import").includes("1 note") && ui.text("#import").includes("The first 20 contacts of 300.")`)

	// The number of the customer goes to the other fields, unless the person says otherwise.
	column := `document.querySelector("#import select[aria-label='Field of Kundennummer']")`
	w.waitFor(column + `?.value.startsWith("custom")`)
	w.exec(`(select => { select.value = "nickname"; select.dispatchEvent(new Event("change")); })(` + column + `)`)
	w.press("Import 300 contacts")
	w.waitFor(`ui.text("#import .notice") === "300 contacts imported." && ` + counts + ` === "300 added, 1 left out"`)
	w.waitFor(`ui.text("#import [aria-label='Rows that were left out'] td") === "602" && ui.text("#import").includes("1 note")`)
	w.press("Done")
	for _, each := range []*window{w, other} {
		each.waitFor(`ui.text("#count") === "300 contacts"`)
		each.waitForRow("Number 000")
	}
	got := findContact(t, "import", "008")
	require.Equal(t, []string{"n8@example.com"}, values(got["emails"]))
	require.Equal(t, "C8", got["nickname"])
	require.Equal(t, "with, comma\nand line", got["notes"])
	require.Equal(t, bson.A{"imported", "csv"}, got["tags"])

	const card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada Lovelace\r\nN:Lovelace;Ada;;;\r\nEMAIL:ada@example.com\r\nEND:VCARD\r\n"
	w.press("Import")
	w.chooseFile("card.vcf", card)
	w.waitFor(`ui.text("#import tbody").includes("Ada Lovelace")`)
	w.press("Import 1 contact")
	w.waitFor(`ui.text("#import .notice") === "1 contact imported."`)
	w.press("Done")
	other.fill("search", "ada@example")
	other.waitForRow("Ada Lovelace")

	// The same file again adds nothing, unless the person wants it.
	w.press("Import")
	w.chooseFile("card.vcf", card)
	w.waitFor(counts + ` === "1 there already"`)
	require.True(t, eval[bool](w, `[...document.querySelectorAll("#import button")].some((b) => b.disabled && b.textContent.trim() === "Nothing to import")`))
	w.exec(`[...document.querySelectorAll("#import .choices label")].at(-1).click()`)
	w.waitFor(counts + ` === "1 new" && ui.button("Import 1 contact")`)
}

// Whoever closes the dialog during an import is told when it is done.
func TestImportGoesOnBehindAClosedDialog(t *testing.T) {
	w := openLive(t, "/?workspace=import-closed", viewport{script: `{
		const X = XMLHttpRequest; // the answer to the import comes when the test says so
		window.XMLHttpRequest = class extends X {
			open(method, path) { this.late = !path.includes("dryRun"); super.open(method, path); }
			set onload(f) { super.onload = () => this.late ? (window.answerImport = f) : f(); }
		};
	}`})
	w.press("Import")
	w.chooseFile("people.csv", "firstName,lastName\nAda,Lovelace\n")
	w.press("Import 1 contact")
	w.waitFor(`window.answerImport`)
	w.press("Close")
	w.waitFor(`!document.querySelector("#import")`)
	w.exec(`answerImport()`)
	w.waitFor(`ui.text(".toasts").includes("people.csv: 1 contact imported.")`)
	w.waitForRow("Ada Lovelace")
}

// saveHook records the name and text of a file that the page saves.
const saveHook = `URL.createObjectURL = (b) => (b.text().then((t) => (window.savedText = t)), "blob:none");
	HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; };`

func TestExportContainsTheShownContacts(t *testing.T) {
	insertContacts(t, person("export", "Ada", "Lovelace"), person("export", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"vip"}}), person("export", "Grace", "Hopper", bson.E{Key: "tags", Value: bson.A{"vip"}}))
	w := openLive(t, "/?workspace=export", viewport{script: saveHook})
	waitUntilFormed(t, "export")
	w.press("Export")
	w.waitFor(`ui.text(".menu.export .popup").startsWith("All 3 contacts")`)
	w.press("As CSV")
	w.waitFor(`savedAs === "contacts-export.csv" && ["Lovelace", "Turing", "Hopper"].every((name) => savedText.includes(name))`)

	w = openLive(t, "/?workspace=export&tag=vip&sort=-name", viewport{script: saveHook})
	w.waitForRow("Alan Turing")
	w.press("Export")
	w.press("As vCard 4.0")
	w.waitFor(`window.savedText && savedAs === "contacts-export.vcf"`)
	require.Contains(t, eval[string](w, `savedText`), "VERSION:4.0")
	require.Regexp(t, `(?s)Turing.*Hopper`, eval[string](w, `savedText`)) // in the order in which they were created
	require.NotContains(t, eval[string](w, `savedText`), "Lovelace")
}
