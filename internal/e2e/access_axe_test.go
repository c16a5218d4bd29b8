//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestAxeFindsNothingOnThePagesOfSignIn(t *testing.T) {
	i, made := signInServer(t)
	admin := made.UserWith(bson.M{"admin": true, "name": "The Admin", "email": "aaaa-admin@example.test"}, "axe-access:admin")
	userNamed(made, "A Member", "axe-access:viewer")
	german := `localStorage.setItem("grapevine.language", "de");`
	for _, v := range []viewport{{}, {dark: true}, {width: 390, height: 844, phone: true}, {width: 390, height: 844, phone: true, script: german}} {
		t.Run(fmt.Sprintf("%d-dark=%v-german=%v", v.width, v.dark, v.script != ""), func(t *testing.T) {
			for _, page := range []string{"/signin?ended=kept", "/signin?problem=oidc-refused", "/setup", "/setup#" + aSecret, "/invitation", "/invitation#" + aSecret} {
				w := openAt(t, i, page, v)
				w.waitFor(`ui.text("h1") && !document.querySelector(".loading")`)
				w.checkAccessibility(page)
				w.checkWidth()
				w.close()
			}
			w := openAs(t, admin, "/account", v)
			w.waitFor(`document.querySelector(".item")`)
			w.exec(`document.querySelector("details.app-menu").open = true`)
			w.checkAccessibility("menu")
			for _, page := range []string{"/account?workspace=axe-access", "/members?workspace=axe-access", "/admin/users?workspace=axe-access"} {
				w := openAs(t, admin, page, v)
				w.waitFor(`document.querySelector(".item")`)
				w.exec(`document.querySelectorAll("details.adding").forEach((details) => (details.open = true))`)
				w.checkAccessibility(page)
				w.checkWidth()
				w.close()
			}
		})
	}
}

// aSecret has the form of one, and opens nothing.
const aSecret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// checkWidth fails if a part of the page is beside the window.
func (w *window) checkWidth() {
	w.t.Helper()
	w.waitFor(`document.scrollingElement.scrollWidth <= innerWidth && document.getElementById("main").scrollWidth <= innerWidth`)
}
