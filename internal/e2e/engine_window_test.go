//go:build e2e && engines

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/e2e/webdriver"
)

// engineWindow is a page in one of the three engines. A person uses it by mouse and keyboard.
type engineWindow struct {
	t       *testing.T
	browser webdriver.Browser
	engine  webdriver.Engine
}

// problemHelpers collects what goes wrong in the page.
const problemHelpers = `window.problems = [];
	addEventListener("error", (e) => problems.push("error: " + e.message));
	addEventListener("unhandledrejection", (e) => problems.push("rejection: " + e.reason));
	addEventListener("securitypolicyviolation", (e) => problems.push("policy: " + e.violatedDirective + " " + e.blockedURI));`

func startEngine(t *testing.T, engine webdriver.Engine, o webdriver.Options) *engineWindow {
	t.Helper()
	o.Dir, o.Width, o.Height = t.TempDir(), 1280, 800
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	browser, err := webdriver.Start(ctx, engine, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = browser.Close() })
	return &engineWindow{t: t, browser: browser, engine: engine}
}

// step runs a part of the round, which begins with a page of its own.
func (w *engineWindow) step(name string, f func(w *engineWindow)) {
	w.t.Run(name, func(t *testing.T) {
		in := *w
		in.t = t
		t.Cleanup(func() {
			if t.Failed() {
				in.saveFailure()
			}
		})
		f(&in)
		require.Empty(t, engineEval[[]string](&in, `window.problems`))
		require.Empty(t, w.browser.Errors())
	})
}

func (w *engineWindow) saveFailure() {
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	picture, err := w.browser.Screenshot(ctx)
	file := filepath.Join(os.TempDir(), "failed-"+strings.ReplaceAll(w.t.Name(), "/", "-")+".png")
	if err == nil {
		err = os.WriteFile(file, picture, 0o600)
	}
	w.t.Logf("picture: %s %v", file, err)
}

// goTo opens a page and waits until its connection is live.
func (w *engineWindow) goTo(url string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), waitTimeout)
	defer cancel()
	require.NoError(w.t, w.browser.Navigate(ctx, url))
	w.waitFor(`ui.state() === "live"`)
}

// withHelpers is an expression that first gives the page the helpers of the tests.
func withHelpers(expression string) string {
	return "(() => { if (!window.ui) { " + problemHelpers + uiHelpers + " } return " + expression + "; })()"
}

// engineEval returns the value of an expression.
func engineEval[T any](w *engineWindow, expression string) (value T) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), waitTimeout)
	defer cancel()
	require.NoError(w.t, w.browser.Evaluate(ctx, withHelpers(expression), &value), expression)
	return value
}

// exec runs an expression for its effect.
func (w *engineWindow) exec(expression string) {
	w.t.Helper()
	engineEval[bool](w, "("+expression+", true)")
}

func (w *engineWindow) test() *testing.T { return w.t }

func (w *engineWindow) isTrue(expression string) bool {
	w.t.Helper()
	return engineEval[bool](w, "Boolean("+expression+")")
}

func (w *engineWindow) waitFor(expression string) {
	w.t.Helper()
	w.waitWithin(waitTimeout, expression)
}

// waitWithin waits until an expression is true.
func (w *engineWindow) waitWithin(timeout time.Duration, expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), timeout)
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		var ok bool
		err := w.browser.Evaluate(ctx, withHelpers("Boolean("+expression+")"), &ok)
		if err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			require.FailNow(w.t, "not true within "+timeout.String(), "%s\n%v", expression, err)
		case <-tick.C:
		}
	}
}

func (w *engineWindow) perform(input ...webdriver.Input) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), waitTimeout)
	defer cancel()
	require.NoError(w.t, w.browser.Perform(ctx, input...))
}

func (w *engineWindow) keys(keys string) { w.t.Helper(); w.perform(webdriver.Type(keys)) }

func (w *engineWindow) pressTab() { w.t.Helper(); w.keys(webdriver.Tab) }

func (w *engineWindow) control(key string) {
	w.t.Helper()
	w.perform(webdriver.Hold(webdriver.Control, key))
}

// click clicks with the mouse in the middle of an element, or near the beginning of a long one, once the element is at rest.
func (w *engineWindow) click(element string) {
	w.t.Helper()
	w.waitFor(element)
	w.exec(element + `.scrollIntoView({block: "nearest"})`)
	waitForAnimations(w)
	var at []float64
	require.Eventually(w.t, func() bool {
		before := at
		at = engineEval[[]float64](w, fmt.Sprintf("(({x, y, width, height}) => [x + Math.min(width / 2, 60), y + height / 2])(%s.getBoundingClientRect())", element))
		return before != nil && before[0] == at[0] && before[1] == at[1]
	}, waitTimeout, 50*time.Millisecond)
	w.perform(webdriver.Click(int(at[0]), int(at[1])))
}

// press clicks the button with this text.
func (w *engineWindow) press(text string) { w.t.Helper(); w.click("ui.button(" + quote(text) + ")") }

// fill replaces the text of a field by typing.
func (w *engineWindow) fill(id, text string) {
	w.t.Helper()
	w.click(fmt.Sprintf("document.getElementById(%s)", quote(id)))
	w.waitFor("document.activeElement.id === " + quote(id))
	w.control("a")
	w.keys(text)
}

// openRow opens the contact with this name.
func (w *engineWindow) openRow(name string) {
	w.t.Helper()
	w.click(fmt.Sprintf(`ui.row(%s)?.querySelector(".cell.name .fullname")`, quote(name)))
	w.waitFor(fmt.Sprintf(`document.querySelector(".panel .read") && ui.text("#panel-title") === %s`, quote(name)))
}

func (w *engineWindow) chooseFile(name, content string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), name)
	require.NoError(w.t, os.WriteFile(file, []byte(content), 0o600))
	w.waitFor(`document.querySelector("#import input[type=file]")`)
	ctx, cancel := context.WithTimeout(w.t.Context(), waitTimeout)
	defer cancel()
	require.NoError(w.t, w.browser.ChooseFile(ctx, "#import input[type=file]", file))
}

func (w *engineWindow) resize(width, height int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), waitTimeout)
	defer cancel()
	require.NoError(w.t, w.browser.Resize(ctx, width, height))
	w.waitFor(fmt.Sprintf(`innerWidth === %d && innerHeight === %d`, width, height))
}
