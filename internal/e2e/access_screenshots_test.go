//go:build e2e

package e2e

import (
	"os"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// E2E_SCREENSHOTS names the folder for the screenshots, as in TestScreenshots.
func TestScreenshotsOfSignIn(t *testing.T) {
	dir := os.Getenv("E2E_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	i, made := signInServer(t)
	ada := made.UserWith(bson.M{"name": "Ada Lovelace", "email": "ada@example.test"}, "engines:admin")
	made.UserWith(bson.M{"name": "Alan Turing", "email": "alan@example.test"}, "engines:editor")
	made.UserWith(bson.M{"name": "Grace Hopper", "email": "grace@example.test"}, "engines:viewer")
	v := viewport{width: 1360, height: 850}
	w := openAt(t, i, "/signin", v)
	w.waitFor(`document.activeElement.id === "signin-email"`)
	waitForAnimations(w)
	w.savePicture(dir, "sign-in")

	w = openAs(t, ada, "/members?workspace=engines", v)
	w.waitFor(`document.querySelectorAll(".item").length === 3`)
	w.fill("invite-email", "edsger@example.test")
	w.submit("invite")
	w.waitFor(`ui.text("#secret").includes("/invitation#")`)
	waitForAnimations(w)
	w.savePicture(dir, "members")

	v.height = 1250
	w = openAs(t, ada, "/account?workspace=engines", v)
	w.waitFor(`document.querySelector("[aria-labelledby=sessions-title] .item")`)
	w.exec(`document.querySelector(".adding").open = true`)
	w.fill("token-name", "nightly export")
	w.submit("token")
	w.waitFor(`ui.text("[aria-labelledby=tokens-title] .item b") === "nightly export"`)
	w.exec(`document.querySelector("[aria-labelledby=tokens-title] .secret button[aria-label]").click()`) // no picture of a token
	w.exec(`document.querySelector(".adding").open = false`)
	w.waitFor(`!document.getElementById("secret")`)
	waitForAnimations(w)
	w.savePicture(dir, "account")
}
