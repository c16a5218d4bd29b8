//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest/accounts"
)

// withSignIn is an instance with AUTH=on on the data of the main one. It ends with the suite.
var withSignIn = sync.OnceValues(func() (*instance, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	i, err := startInstance(ctx, "sign-in", suite.mongo.URI, suite.redis.URL, "AUTH=on", "INSECURE=false")
	suite.signIn = i
	return i, err
})

// signInServer returns the instance with sign-in, and what makes accounts there.
func signInServer(t *testing.T) (*instance, accounts.Accounts) {
	t.Helper()
	i, err := withSignIn()
	require.NoError(t, err)
	return i, accounts.In(t, suite.db)
}

// openAs opens a page as somebody who is signed in.
func openAs(t *testing.T, u accounts.User, path string, v viewport) *window {
	t.Helper()
	i, made := signInServer(t)
	v.session = made.Session(u)
	return openAt(t, i, path, v)
}

// openLiveAs is openAs for a page whose connection becomes live.
func openLiveAs(t *testing.T, u accounts.User, path string, v viewport) *window {
	t.Helper()
	w := openAs(t, u, path, v)
	w.waitFor(`ui.state() === "live"`)
	return w
}

// userNamed makes a user with a name of his own.
func userNamed(made accounts.Accounts, name string, memberships ...string) accounts.User {
	return made.UserWith(bson.M{"name": name}, memberships...)
}

// signIn fills in the form for signing in.
func (w *window) signIn(u accounts.User) {
	w.t.Helper()
	w.fill("signin-email", u.Email)
	w.fill("signin-password", accounts.Password)
	w.press("Sign in")
}

// chooseInMenu presses an item of the menu of the page.
func (w *window) chooseInMenu(text string) {
	w.t.Helper()
	w.waitFor(`document.querySelector("details.app-menu")`)
	w.exec(`document.querySelector("details.app-menu").open = true`)
	w.press(text)
}

// submit presses the button of a form.
func (w *window) submit(form string) {
	w.t.Helper()
	w.waitFor(fmt.Sprintf(`((button) => button && !button.disabled && (button.click(), true))(document.querySelector("#%s button[type=submit]"))`, form))
}
