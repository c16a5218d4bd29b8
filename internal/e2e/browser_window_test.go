//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// browserWindow is a page that a person uses. window drives it by Chromium's own protocol, engineWindow by WebDriver.
type browserWindow interface {
	test() *testing.T
	exec(expression string)
	isTrue(expression string) bool
	waitFor(expression string)
	press(button string)
	pressTab()
	openRow(name string)
}

// tabTo presses Tab until the focus is on an element.
func tabTo(w browserWindow, selector string) {
	w.test().Helper()
	for range 80 {
		if w.isTrue(fmt.Sprintf(`document.activeElement?.matches(%s)`, quote(selector))) {
			return
		}
		w.pressTab()
	}
	require.FailNow(w.test(), "Tab does not reach", selector)
}

// editRow opens the contact with this name and begins to edit it.
func editRow(w browserWindow, name string) {
	w.test().Helper()
	w.openRow(name)
	w.press("Edit")
	w.waitFor(`document.querySelector(".panel .fields")`)
}

// waitForAnimations waits until all finite animations have ended.
func waitForAnimations(w browserWindow) {
	w.test().Helper()
	w.waitFor(`!document.getAnimations().some((a) => a.playState === "running" && a.effect.getComputedTiming().iterations === 1)`)
}
