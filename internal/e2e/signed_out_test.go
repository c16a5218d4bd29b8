//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// Half a draft is there for its writer, and for nobody else.
func TestSignOutInAnotherTab(t *testing.T) {
	i, made := signInServer(t)
	insertContacts(t, person("out", "Ada", "Lovelace", bson.E{Key: "notes", Value: "secret of the first person"}))
	first, second := userNamed(made, "First Person", "out:editor"), userNamed(made, "Second Person", "out:viewer")
	w := openLiveAs(t, first, "/?workspace=out&q=Lovelace", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-title", "half a draft")
	w.waitFor(`ui.value("f-title") === "half a draft"`)
	w.press("New contact")
	w.waitFor(`document.getElementById("f-firstName")`)
	w.fill("f-firstName", "Grace")

	other := w.openTab(i, "/account", viewport{})
	other.chooseInMenu("Sign out")
	other.waitFor(`location.pathname === "/signin" && document.getElementById("signin-email")`)
	nothingLeft := func() {
		t.Helper()
		w.waitFor(`location.pathname === "/signin" && document.getElementById("signin-email")`)
		for _, text := range []string{"Lovelace", "First Person", "half a draft", "Grace", first.Email} {
			require.False(t, eval[bool](w, `(document.documentElement.outerHTML + location.href + JSON.stringify(sessionStorage)).includes(`+quote(text)+`)`), text)
		}
	}
	nothingLeft()
	require.Contains(t, eval[string](w, `ui.text(".notice")`), "kept in this browser")
	w.exec(`history.back()`)
	nothingLeft()

	w.signIn(second)
	w.waitForRow("Ada Lovelace")
	w.waitFor(`ui.state() === "live"`)
	require.False(t, eval[bool](w, `document.body.textContent.includes("half a draft") || document.body.textContent.includes("unsaved")`))
	require.Nil(t, eval[any](w, `ui.button("New contact") ?? null`))
	w.chooseInMenu("Sign out")
	w.waitFor(`location.pathname === "/signin" && document.getElementById("signin-email")`)

	w.signIn(first)
	w.waitFor(`ui.value("f-firstName") === "Grace" && ui.text(".status .unsaved") === "1 unsaved"`) // the page is as he left it
	w.waitFor(`new URLSearchParams(location.search).get("q") === "Lovelace"`)
	w.press("Create contact")
	w.waitFor(`document.querySelector(".panel-foot").hidden`)
	w.press("Back to editing")
	w.waitFor(`ui.value("f-title") === "half a draft"`)
	w.press("Save")
	w.waitFor(`document.querySelector(".panel-foot").hidden && !document.querySelector(".status .unsaved")`)
	require.Equal(t, "half a draft", findContact(t, "out", "Lovelace")["title"])
	require.EqualValues(t, 2, countContacts(t, "out"))
}

// Somebody else signs in in another tab: the first page must not go on with his rights.
func TestSomebodyElseSignsInInAnotherTab(t *testing.T) {
	i, made := signInServer(t)
	insertContacts(t, person("another", "Ada", "Lovelace"), person("another-second", "Alan", "Turing"))
	first, second := made.User("another:editor"), made.User("another-second:editor")
	w := openLiveAs(t, first, "/?workspace=another", viewport{})
	w.waitForRow("Ada Lovelace")
	other := w.openTab(i, "/account", viewport{})
	other.chooseInMenu("Sign out")
	other.waitFor(`document.getElementById("signin-email")`)
	w.waitFor(`document.getElementById("signin-email")`)
	other.signIn(second)
	other.waitForRow("Alan Turing")
	w.exec(`dispatchEvent(new Event("focus"))`) // the person comes back to the first tab
	w.waitForRow("Alan Turing")
	require.False(t, eval[bool](w, `document.body.textContent.includes("Lovelace")`))
}

// The page says that the session is over, and the edit is kept.
func TestSessionEndsInMongoDB(t *testing.T) {
	_, made := signInServer(t)
	insertContacts(t, person("over", "Ada", "Lovelace"))
	user := made.User("over:editor")
	w := openLiveAs(t, user, "/?workspace=over", viewport{})
	editRow(w, "Ada Lovelace")
	w.fill("f-title", "half a draft")
	made.Set(user, bson.M{"epoch": 1})
	w.waitFor(`location.pathname === "/signin" && ui.text(".notice").includes("You are signed out.")`)
	w.signIn(user)
	w.waitFor(`ui.text(".status .unsaved") === "1 unsaved" || ui.value("f-title") === "half a draft"`)
}

// A page that the browser kept shows nothing before it is known who is looking.
func TestWayBackAfterSigningOut(t *testing.T) {
	_, made := signInServer(t)
	insertContacts(t, person("way-back", "Ada", "Lovelace"))
	w := openLiveAs(t, made.User("way-back:viewer"), "/?workspace=way-back", viewport{})
	w.waitForRow("Ada Lovelace")
	w.exec(`location.assign("/account?workspace=way-back")`)
	w.waitFor(`location.pathname === "/account" && ui.text("h1") === "My account"`)
	w.chooseInMenu("Sign out")
	w.waitFor(`location.pathname === "/signin" && document.getElementById("signin-email")`)
	w.exec(`history.back()`)
	w.waitFor(`location.pathname === "/signin" && document.getElementById("signin-email")`)
	require.False(t, eval[bool](w, `document.documentElement.outerHTML.includes("Lovelace")`))
}

// A page that the browser kept shows nothing while nobody can say who is looking.
func TestWayBackWithoutTheServer(t *testing.T) {
	_, made := signInServer(t)
	insertContacts(t, person("kept-page", "Ada", "Lovelace"))
	user := made.User("kept-page:viewer")
	w := openLiveAs(t, user, "/?workspace=kept-page", viewport{})
	w.waitForRow("Ada Lovelace")
	w.exec(`ui.row("Ada Lovelace").click()`)
	w.waitFor(`document.title.startsWith("Ada Lovelace")`)
	wayBack := func() {
		t.Helper()
		w.setOffline(true)
		w.exec(`dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`)
		w.waitFor(`document.body.innerText.trim() === "The server cannot be reached. Trying again…"`)
		require.Equal(t, "Grapevine", eval[string](w, `document.title`))
	}
	wayBack()
	w.setOffline(false)
	w.waitFor(`document.body.innerText.includes("Lovelace") && document.title.startsWith("Ada Lovelace")`)
	wayBack()
	made.Set(user, bson.M{"epoch": 1})
	w.setOffline(false)
	w.waitFor(`location.pathname === "/signin" && document.getElementById("signin-email")`)
	require.False(t, eval[bool](w, `document.documentElement.outerHTML.includes("Lovelace")`))
}
