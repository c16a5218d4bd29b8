//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPageOfTheAPI(t *testing.T) {
	insertContacts(t, person("api-docs", "Ada", "Lovelace"))
	w := open(t, "/docs", viewport{})
	w.waitFor(`document.getElementById("createContact")`)
	w.exec(`document.querySelector("#listContacts .try").open = true`)
	label := `[...document.querySelectorAll("#listContacts .try label")].find((label) => label.textContent.trim() === "Workspace").querySelector("input")`
	w.exec(label + `.focus()`)
	w.keys("api-docs")
	w.waitFor(`ui.text("#listContacts .code code").includes("-H 'Workspace: api-docs'")`)
	w.exec(`document.querySelector("#listContacts .try form").requestSubmit()`)
	w.waitFor(`ui.text("#listContacts .answer b").startsWith("200") && ui.text("#listContacts .answer pre:last-child").includes("Lovelace")`)
	require.Contains(t, eval[string](w, `ui.text("#createContact .try textarea") || document.querySelector("#createContact .try textarea").value`), "kind")
	require.NotEmpty(t, eval[[]string](w, `[...document.querySelectorAll(".api-nav a")].map((a) => a.textContent)`))
	w.exec(`document.querySelector(".app-menu summary").click()`)
	w.press("Deutsch (de)")
	w.waitFor(`ui.text("main.api h1") === "Die API von Grapevine"`)
}

// The documentation keeps the workspace from which it was opened.
func TestWayBackFromTheDocumentation(t *testing.T) {
	w := openLive(t, "/?workspace=way-back", viewport{})
	w.exec(`document.querySelector(".app-menu summary").click()`)
	w.press("Documentation of the API")
	w.waitFor(`location.pathname + location.search === "/docs?workspace=way-back" && document.getElementById("createContact")`)
	w.keys("c")
	w.waitFor(`location.pathname + location.search === "/?workspace=way-back"`)
}
