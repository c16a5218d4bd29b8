//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest/accounts"
)

func TestMyAccount(t *testing.T) {
	_, made := signInServer(t)
	user := userNamed(made, "Ada Byron", "mine:editor")
	elsewhere := openAs(t, user, "/?workspace=mine", viewport{})
	elsewhere.waitFor(`ui.state() === "live"`)
	w := openAs(t, user, "/account?workspace=mine", viewport{})
	w.fill("profile-name", "Ada Lovelace")
	w.submit("profile")
	w.waitFor(`document.body.textContent.includes("Saved.")`)
	w.chooseInMenu("My account") // reads everything again
	w.waitFor(`ui.value("profile-name") === "Ada Lovelace" && ui.text(".who b") === "Ada Lovelace"`)

	w.waitFor(`document.querySelectorAll("[aria-labelledby=sessions-title] .item").length === 2`)
	require.Equal(t, 1, eval[int](w, `document.querySelectorAll("[aria-labelledby=sessions-title] .mark").length`))

	w.exec(`document.querySelector(".adding").open = true`)
	w.fill("token-name", "nightly export")
	w.submit("token")
	w.waitFor(`ui.text("#secret").startsWith("gv_")`)
	require.Len(t, eval[string](w, `ui.text("#secret")`), 52)
	w.checkAccessibility("token")
	w.waitFor(`ui.text("[aria-labelledby=tokens-title] .item b") === "nightly export"`)
	w.press("Revoke nightly export")
	w.waitFor(`!document.querySelector("[aria-labelledby=tokens-title] .item")`)

	require.Equal(t, []string{"username", "current-password", "new-password"}, eval[[]string](w, `[...document.querySelectorAll("#password input")].map((field) => field.autocomplete)`))
	w.fill("password-current", "not the password")
	w.fill("password-new", "a staple of horses")
	w.submit("password")
	w.waitFor(`document.activeElement.closest("#password") && document.querySelector("#password .notice, #password .error")`)
	w.fill("password-current", accounts.Password)
	w.fill("password-new", "a staple of horses")
	w.submit("password")
	elsewhere.waitFor(`location.pathname === "/signin"`)
	w.waitFor(`document.querySelectorAll("[aria-labelledby=sessions-title] .item").length === 1`)
	w.exec(`location.assign("/?workspace=mine")`)
	w.waitFor(`ui.state() === "live"`) // it stays signed in
	elsewhere.fill("signin-email", user.Email)
	elsewhere.fill("signin-password", "a staple of horses")
	elsewhere.submit("signin")
	elsewhere.waitFor(`location.pathname === "/"`)
}

func TestMembersAndInvitation(t *testing.T) {
	i, made := signInServer(t)
	insertContacts(t, person("club", "Alan", "Turing"))
	boss, member := userNamed(made, "The Boss", "club:admin"), userNamed(made, "A Member", "club:viewer")
	w := openAs(t, boss, "/?workspace=club", viewport{})
	w.chooseInMenu("Members of club")
	w.waitFor(`document.querySelectorAll(".item").length === 2`)
	pick := func(role string) {
		w.exec(`((select) => ((select.value = ` + quote(role) + `), select.dispatchEvent(new Event("change"))))(document.querySelector('[aria-label="Role of A Member"]'))`)
	}
	pick("editor")
	w.waitFor(`document.body.textContent.includes("A Member is changed.") && document.querySelector('[aria-label="Role of A Member"]').value === "editor"`)
	w.press("Remove A Member")
	w.press("Cancel")
	w.waitFor(`!document.querySelector(".question")`)
	w.press("Remove A Member")
	w.waitFor(`ui.text(".question").includes("Take the access of A Member away?") && document.activeElement.id.endsWith("-yes")`)
	w.exec(`document.activeElement.click()`)
	w.waitFor(`document.querySelectorAll(".item").length === 1`)

	invite := func(email string) string {
		w.fill("invite-email", email)
		w.submit("invite")
		w.waitFor(`ui.text("#secret").includes("/invitation#") && ui.text(".secret").includes(` + quote(email) + `)`)
		return strings.TrimPrefix(eval[string](w, `ui.text("#secret")`), i.url(""))
	}
	// Somebody without an account.
	guest := openAt(t, i, invite("guest-of-club@example.test"), viewport{})
	guest.waitFor(`document.getElementById("invitation-name")`)
	require.Empty(t, eval[string](guest, `location.hash`))
	guest.checkAccessibility("invitation")
	guest.fill("invitation-name", "A Guest")
	guest.fill("invitation-password", accounts.Password)
	guest.submit("invitation")
	guest.waitForRow("Alan Turing")
	require.False(t, eval[bool](guest, `Boolean(ui.button("New contact"))`))

	// Somebody who has one signs in first.
	path := invite(member.Email)
	known := openAt(t, i, path, viewport{})
	known.waitFor(`ui.text("h1") === "Sign in first"`)
	known.signIn(member)
	known.waitForRow("Alan Turing")
	again := openAt(t, i, path, viewport{})
	again.waitFor(`ui.text("h1") === "This link is over"`)
	again.checkAccessibility("a link that was used")
	w.chooseInMenu("Members of club")
	w.waitFor(`document.querySelectorAll(".item").length === 3`)
}

func TestUsers(t *testing.T) {
	i, made := signInServer(t)
	admin := made.UserWith(bson.M{"admin": true, "name": "The Admin", "email": "aaa-admin@example.test"})
	user := made.UserWith(bson.M{"name": "Some User", "email": "aab-user@example.test"}, "users-page:viewer")
	theirs := openLiveAs(t, user, "/?workspace=users-page", viewport{})
	w := openAs(t, admin, "/?workspace=users-page", viewport{})
	w.chooseInMenu("Users")
	row := `[...document.querySelectorAll(".item")].find((item) => item.textContent.includes("aab-user@example.test"))`
	do := func(text string) {
		w.waitFor(row)
		w.exec(`(` + row + `).querySelector("details").open = true`)
		w.waitFor(`((button) => button && (button.click(), true))([...(` + row + `).querySelectorAll("button")].find((button) => button.textContent.trim() === ` + quote(text) + `))`)
		w.exec(`(` + row + `).querySelector("details").open = false`)
	}
	do("Sign out everywhere")
	theirs.waitFor(`location.pathname === "/signin"`)
	do("Make admin of all")
	w.waitFor(`(` + row + `).textContent.includes("admin of all")`)
	do("Admin of all no more")
	w.waitFor(`!(` + row + `).querySelector(".mark")`)
	do("Link for a new password")
	w.waitFor(`ui.text("#secret").includes("/invitation#")`)

	reset := openAt(t, i, strings.TrimPrefix(eval[string](w, `ui.text("#secret")`), i.url("")), viewport{})
	reset.waitFor(`ui.text("h1") === "Set a new password" && document.getElementById("reset-password")`)
	require.Equal(t, "new-password", eval[string](reset, `document.getElementById("reset-password").autocomplete`))
	reset.fill("reset-password", "a staple of horses")
	reset.submit("reset")
	reset.waitFor(`ui.state() === "live"`)

	do("Disable")
	w.waitFor(`(` + row + `).textContent.includes("disabled")`)
	reset.waitFor(`location.pathname === "/signin"`)
	w.press("Delete Some User")
	w.waitFor(`document.activeElement.id.endsWith("-yes")`)
	w.exec(`document.activeElement.click()`)
	w.waitFor(`!(` + row + `)`)

	// Nobody else may open the page.
	theirs = openAs(t, made.User("users-page:admin"), "/account", viewport{})
	theirs.waitFor(`ui.text("h1") === "My account"`)
	require.False(t, eval[bool](theirs, `Boolean([...document.querySelectorAll(".app-menu button")].find((item) => item.textContent.trim() === "Users"))`))
}
