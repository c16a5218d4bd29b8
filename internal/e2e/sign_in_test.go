//go:build e2e

package e2e

import (
	"context"
	"net/url"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest/accounts"
)

func TestSignIn(t *testing.T) {
	i, made := signInServer(t)
	insertContacts(t, person("sign-in", "Ada", "Lovelace"))
	user := made.User("sign-in:editor")
	w := openAt(t, i, "/?workspace=sign-in&q=Ada", viewport{})
	w.waitFor(`location.pathname === "/signin" && document.getElementById("signin-email")`)
	require.Equal(t, []string{"username", "current-password"}, eval[[]string](w, `[...document.querySelectorAll("#signin input")].map((field) => field.autocomplete)`))
	w.waitFor(`document.activeElement.id === "signin-email"`)

	w.fill("signin-email", user.Email)
	w.fill("signin-password", "not the password")
	w.submit("signin")
	w.waitFor(`document.activeElement.id === "signin-message"`) // the error has the focus
	require.Equal(t, "alert", eval[string](w, `document.activeElement.role`))
	require.Equal(t, []string{"signin-message", "signin-message"}, eval[[]string](w, `[...document.querySelectorAll("#signin input")].map((field) => field.getAttribute("aria-describedby"))`))
	w.checkAccessibility("error of the form")

	w.exec(`(document.getElementById("signin-password").focus(), document.getElementById("signin-password").select())`)
	w.runActions("paste", call(input.InsertText, input.InsertTextParams{Text: accounts.Password}))
	w.submit("signin")
	w.waitFor(`location.pathname === "/" && new URLSearchParams(location.search).get("q") === "Ada"`) // where the person wanted to go
	w.waitForRow("Ada Lovelace")
	w.waitFor(`ui.state() === "live"`)
}

// A link that was made to look like one of ours leads nowhere else.
func TestSignInLeadsToPagesOfOursOnly(t *testing.T) {
	i, made := signInServer(t)
	user := made.User("sign-in-next:viewer")
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\\evil.example/`, "/.//evil.example/", "javascript:alert(1)"} {
		w := openAt(t, i, "/signin?"+url.Values{"next": {next}}.Encode(), viewport{})
		w.signIn(user)
		w.waitFor(`location.pathname !== "/signin"`)
		require.Equal(t, i.url(""), eval[string](w, `location.origin`), next)
		w.close()
	}
}

// The server leads here from single sign-on, with a fixed word that the page puts into a sentence.
func TestProblemsOfSingleSignOn(t *testing.T) {
	i, made := signInServer(t)
	for problem, says := range map[string][2]string{
		"oidc-refused":     {"Single sign-on was refused", "Single Sign-on wurde abgelehnt"},
		"oidc-unavailable": {"cannot be reached at the moment", "im Augenblick nicht erreichbar"},
		"oidc-invalid":     {"Please begin again", "beginnen Sie noch einmal"},
	} {
		w := openAt(t, i, "/signin?problem="+problem, viewport{})
		w.waitFor(`document.getElementById("signin-email") && ui.text(".notice[role=alert]").includes(` + quote(says[0]) + `)`)
		require.Equal(t, "/signin", eval[string](w, `location.pathname + location.search`))
		w.press("Deutsch")
		w.waitFor(`ui.text(".notice[role=alert]").includes(` + quote(says[1]) + `)`)
		w.press("English")
		w.exec(`location.reload()`)
		w.waitFor(`document.getElementById("signin-email") && !document.querySelector(".notice")`)
		w.close()
	}
	w := openAt(t, i, "/signin?problem=constructor", viewport{})
	w.waitFor(`document.getElementById("signin-email") && !document.querySelector(".notice")`)

	user := made.User("problem:viewer") // somebody who is signed in reads it, too
	w = openAs(t, user, "/signin?problem=oidc-refused", viewport{})
	w.waitFor(`ui.text("h1") === "Single sign-on did not work" && ui.text(".card").includes(` + quote(user.Email) + `)`)
	require.Equal(t, "/signin", eval[string](w, `location.pathname + location.search`))
	w.waitFor(`ui.text(".notice[role=alert]").includes("refused")`)
	w.exec(`document.querySelector(".card a").click()`)
	w.waitFor(`location.pathname === "/" && ui.state() === "live"`)
}

func TestSetUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	i, err := startInstance(ctx, "set-up", suite.mongo.URI, suite.redis.URL, "AUTH=on", "INSECURE=false", "MONGO_DB=set-up")
	require.NoError(t, err)
	t.Cleanup(i.kill)
	link := regexp.MustCompile(`http://\S+(/setup#[\w-]+)`)
	var path string
	require.Eventually(t, func() bool {
		log, err := os.ReadFile(i.log)
		found := link.FindSubmatch(log)
		if found != nil {
			path = string(found[1])
		}
		return err == nil && found != nil
	}, waitTimeout, 50*time.Millisecond)

	w := openAt(t, i, path, viewport{})
	w.waitFor(`document.getElementById("setup-email")`)
	require.Empty(t, eval[string](w, `location.hash`)) // the secret has left the address bar
	require.Equal(t, []string{"username", "name", "new-password"}, eval[[]string](w, `[...document.querySelectorAll("#setup input")].map((field) => field.autocomplete)`))
	w.fill("setup-email", "ada@example.test")
	w.fill("setup-name", "Ada Lovelace")
	w.fill("setup-password", "short")
	w.submit("setup")
	w.waitFor(`document.activeElement.id === "setup-password" && document.activeElement.getAttribute("aria-invalid") === "true" && ui.text("#setup-password-error")`)
	require.Contains(t, eval[string](w, `document.activeElement.getAttribute("aria-describedby")`), "setup-password-error")
	w.checkAccessibility("error of a field")
	w.fill("setup-password", accounts.Password)
	w.submit("setup")
	w.waitFor(`location.pathname === "/" && ui.state() === "live"`)
	w.chooseInMenu("Users")
	w.waitFor(`ui.text(".item b") === "Ada Lovelace"`)

	again := openAt(t, i, path, viewport{})
	again.fill("setup-email", "eve@example.test")
	again.fill("setup-name", "Eve")
	again.fill("setup-password", accounts.Password)
	again.submit("setup")
	again.waitFor(`document.activeElement.id === "setup-message"`)
}
