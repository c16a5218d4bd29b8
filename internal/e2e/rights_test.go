//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestViewerSeesNoEditing(t *testing.T) {
	_, made := signInServer(t)
	insertContacts(t, person("viewer", "Ada", "Lovelace", bson.E{Key: "notes", Value: "first"}))
	w := openLiveAs(t, made.User("viewer:viewer"), "/?workspace=viewer", viewport{})
	w.openRow("Ada Lovelace")
	for _, text := range []string{"New contact", "Import", "Edit", "Duplicate", "Delete"} {
		require.False(t, eval[bool](w, `Boolean(ui.button(`+quote(text)+`))`), text)
	}
	for _, key := range []string{"e", "n", "d", kb.Delete} {
		w.keys(key)
	}
	w.exec(`document.querySelector(".value").dispatchEvent(new MouseEvent("dblclick", {bubbles: true}))`)
	w.control("k")
	w.waitFor(`document.activeElement.id === "palette-text"`)
	w.keys("new")
	require.False(t, eval[bool](w, `[...document.querySelectorAll("#palette .option")].some((option) => option.textContent.includes("New contact"))`))
	w.keys(kb.Escape)
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".fields"))`))
	require.False(t, eval[bool](w, `document.getElementById("help").textContent.includes("New contact")`))
	require.False(t, eval[bool](w, `document.querySelector(".top nav").textContent.includes("Pipeline")`))
	updateContacts(t, "viewer", "Lovelace", bson.D{{Key: "notes", Value: "second"}})
	w.waitFor(`ui.text("#v-notes") === "second"`) // live all the same

	// The address of a new contact shows the list.
	w = openLiveAs(t, made.User("viewer:viewer"), "/?workspace=viewer&contact=new", viewport{})
	w.waitForRow("Ada Lovelace")
	require.False(t, eval[bool](w, `Boolean(document.querySelector(".panel"))`))
}

func TestRoleIsTakenAwayWhileEditing(t *testing.T) {
	_, made := signInServer(t)
	insertContacts(t, person("lowered", "Ada", "Lovelace"))
	user := made.User("lowered:editor")
	w := openLiveAs(t, user, "/?workspace=lowered", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-title", "half a draft")
	made.SetRole(user, "lowered", "viewer")
	w.press("Save")
	w.waitFor(`ui.text(".panel .notice").includes("not change them") && !ui.button("Save") && !ui.button("New contact")`)
	require.Equal(t, "half a draft", eval[string](w, `ui.value("f-title")`)) // to be copied, at least
	require.NotContains(t, findContact(t, "lowered", "Lovelace"), "title")

	made.SetRole(user, "lowered", "editor")
	w.exec(`document.dispatchEvent(new Event("visibilitychange"))`) // as if the person came back to the tab
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	require.Equal(t, "half a draft", findContact(t, "lowered", "Lovelace")["title"])
}

func TestAccessToTheWorkspaceEnds(t *testing.T) {
	_, made := signInServer(t)
	insertContacts(t, person("ends", "Ada", "Lovelace"), person("ends-other", "Alan", "Turing"))
	user := made.User("ends:editor", "ends-other:viewer")
	w := openLiveAs(t, user, "/?workspace=ends", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-title", "half a draft")
	made.Leave(user, "ends")
	w.waitFor(`ui.text("main .empty").includes("no access to “ends”")`)
	require.False(t, eval[bool](w, `document.body.textContent.includes("Lovelace") || document.body.textContent.includes("half a draft")`))
	w.checkAccessibility("no access")
	w.exec(`document.querySelector("main .empty a").click()`)
	w.waitForRow("Alan Turing")
}

func TestWorkspaceMenuListsMyWorkspaces(t *testing.T) {
	_, made := signInServer(t)
	insertContacts(t, person("menu-b", "Alan", "Turing"))
	w := openLiveAs(t, made.User("menu-b:viewer", "menu-a:editor"), "/", viewport{})
	w.waitFor(`new URLSearchParams(location.search).get("workspace") === "menu-a"`) // "default" is not among them
	require.Equal(t, []string{"menu-a", "menu-b"}, eval[[]string](w, `[...document.querySelectorAll("details.workspace .popup button span")].map((item) => item.textContent)`))
	require.False(t, eval[bool](w, `Boolean(document.querySelector("details.workspace form"))`)) // no other can be opened
	w.exec(`document.querySelector("details.workspace").open = true`)
	w.press("menu-b")
	w.waitForRow("Alan Turing")
	require.False(t, eval[bool](w, `Boolean(ui.button("New contact"))`))
}
