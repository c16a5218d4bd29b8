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
	w := openLive(t, "/?workspace=import", viewport{})
	other := openLive(t, "/?workspace=import", viewport{})
	w.press("Import")

	w.chooseFile("photo.png", "\x89PNG")
	w.waitFor(`ui.text("#import").includes("neither a CSV nor a vCard")`)

	var csv strings.Builder
	csv.WriteString("firstName,lastName,email,tags,notes\n")
	for i := range 300 {
		fmt.Fprintf(&csv, "Number,%03d,n%d@example.com,imported;csv,\"with, comma\nand line\"\n", i, i)
	}
	bad := strings.Replace(csv.String(), "n7@example.com", "not an address", 1)
	w.chooseFile("people.csv", bad)
	w.waitFor(`ui.text("#import").includes("300 contacts")`)
	require.Equal(t, "with, comma\nand line", eval[string](w, `document.querySelector("#import tbody td:nth-child(5)").textContent`))
	w.press("Import 300 contacts")
	w.waitFor(`ui.text("#import").includes("Nothing was imported")`)
	require.Equal(t, "16", eval[string](w, `document.querySelector("#import tbody td").textContent`)) // each contact takes two lines
	require.Equal(t, "email", eval[string](w, `document.querySelector("#import tbody td:nth-child(2)").textContent`))
	require.Zero(t, countContacts(t, "import"))

	w.press("Choose the corrected file")
	w.chooseFile("people.csv", csv.String())
	w.press("Import 300 contacts")
	w.waitFor(`ui.text("#import").includes("300 contacts imported")`)
	w.press("Done")
	for _, each := range []*window{w, other} {
		each.waitFor(`ui.text("#count") === "300 contacts"`)
		each.waitForRow("Number 000")
	}

	w.press("Import")
	w.chooseFile("card.vcf", "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada Lovelace\r\nN:Lovelace;Ada;;;\r\nEMAIL:ada@example.com\r\nEND:VCARD\r\n")
	w.waitFor(`ui.text("#import tbody").includes("Ada Lovelace")`)
	w.press("Import 1 contact")
	w.waitFor(`ui.text("#import").includes("1 contact imported")`)
	other.fill("search", "ada")
	other.waitForRow("Ada Lovelace")
}

// saveHook records the name and text of a file that the page saves.
const saveHook = `URL.createObjectURL = (b) => (b.text().then((t) => (window.savedText = t)), "blob:none");
	HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; };`

func TestExportContainsTheShownContacts(t *testing.T) {
	insertContacts(t, person("export", "Ada", "Lovelace"), person("export", "Alan", "Turing", bson.E{Key: "tags", Value: bson.A{"vip"}}), person("export", "Grace", "Hopper", bson.E{Key: "tags", Value: bson.A{"vip"}}))
	w := openLive(t, "/?workspace=export", viewport{script: saveHook})
	w.press("Export")
	w.waitFor(`ui.text(".toolbar .popup").startsWith("All 3 contacts")`)
	w.press("As CSV")
	w.waitFor(`savedAs === "contacts-export.csv" && ["Lovelace", "Turing", "Hopper"].every((name) => savedText.includes(name))`)

	w = openLive(t, "/?workspace=export&tag=vip&sort=-name", viewport{script: saveHook})
	w.waitForRow("Alan Turing")
	w.press("Export")
	w.press("As vCard")
	w.waitFor(`window.savedText`)
	require.Regexp(t, `(?s)Turing.*Hopper`, eval[string](w, `savedText`)) // in the order of the list
	require.NotContains(t, eval[string](w, `savedText`), "Lovelace")
}
