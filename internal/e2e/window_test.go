//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// waitTimeout bounds every wait; it suits a busy machine.
const waitTimeout = 30 * time.Second

// window is a browser window with its own storage. The test fails if the page throws an exception, violates
// its policy, opens a dialog or sends a request to another server.
type window struct {
	t     *testing.T
	ctx   context.Context
	close context.CancelFunc
	base  string

	mu         sync.Mutex
	violations []string
}

// viewport says how a window looks.
type viewport struct {
	width, height int64
	dark, phone   bool
	script        string // runs before the page's own scripts
}

// uiHelpers gives tests what a person sees. Tests do not use the internals of the page.
const uiHelpers = `window.ui = {
  rows: () => [...document.querySelectorAll('.body .row[data-id]')].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex),
  names: () => ui.rows().map((r) => r.querySelector('.cell.name .fullname').textContent),
  row: (name) => ui.rows().find((r) => r.querySelector('.cell.name .fullname').textContent === name),
  state: () => document.querySelector('.badge')?.dataset.state,
  text: (selector) => document.querySelector(selector)?.textContent.replace(/\s+/g, ' ').trim() ?? '',
  value: (id) => document.getElementById(id)?.value, // of a field of a form
  shown: (field) => document.getElementById('v-' + field)?.textContent, // of the contact that is read
  button: (text) => [...document.querySelectorAll('button, summary')].find((b) => !b.disabled && b.checkVisibility() && b.ariaHidden !== "true" && (b.textContent.trim().startsWith(text) || b.ariaLabel === text)),
};`

func open(t *testing.T, path string, v viewport) *window {
	t.Helper()
	return openAt(t, suite.app, path, v)
}

func openAt(t *testing.T, i *instance, path string, v viewport) *window {
	t.Helper()
	if v.width == 0 {
		v.width, v.height = 1280, 800
	}
	ctx, cancel := chromedp.NewContext(suite.browser, chromedp.WithNewBrowserContext())
	w := &window{t: t, ctx: ctx, close: cancel, base: i.url("")}
	t.Cleanup(func() {
		if t.Failed() && ctx.Err() == nil {
			w.saveFailure("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		require.Empty(t, w.violations)
	})
	require.NoError(t, chromedp.Do(ctx)) // creates the window; without this it would end with the first action's deadline
	require.NoError(t, chromedp.Listen(ctx, w.watch))
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	w.runActions("open "+path,
		call(network.Enable, network.EnableParams{}), call(log.Enable, cdp.Empty{}),
		call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: v.width, Height: v.height, DeviceScaleFactor: 1, Mobile: v.phone}),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}),
		call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: uiHelpers + v.script}),
		chromedp.Navigate(w.base+path))
	return w
}

// call makes an action of a command of the browser's protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// openLive opens a page and waits until its connection is live.
func openLive(t *testing.T, path string, v viewport) *window {
	t.Helper()
	w := open(t, path, v)
	w.waitFor(`ui.state() === "live"`)
	return w
}

func (w *window) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.addViolation("exception: %s", e.ExceptionDetails.Exception.Description)
	case *page.EventJavascriptDialogOpening:
		w.addViolation("dialog: %s", e.Message)
		go func() {
			_ = chromedp.Do(w.ctx, call(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}))
		}()
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy") || strings.Contains(e.Entry.Text, "Trusted") {
			w.addViolation("policy: %s", e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && "http://"+u.Host != w.base && !strings.HasPrefix(e.DocumentURL, w.base+"/jobs") {
			w.addViolation("request to the overflowing: %s", e.Request.URL)
		}
	}
}

func (w *window) addViolation(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.violations = append(w.violations, fmt.Sprintf(format, args...))
}

func (w *window) runActions(what string, actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, waitTimeout)
	defer cancel()
	require.NoError(w.t, chromedp.Do(ctx, actions...), what)
}

// eval returns the value of an expression; it awaits promises.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, waitTimeout)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(w.t, err, expression)
	return out
}

// exec runs an expression for its effect.
func (w *window) exec(expression string) {
	w.t.Helper()
	eval[bool](w, "("+expression+", true)")
}

func (w *window) test() *testing.T { return w.t }

func (w *window) isTrue(expression string) bool {
	w.t.Helper()
	return eval[bool](w, "Boolean("+expression+")")
}

// waitFor waits until an expression is true.
func (w *window) waitFor(expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, waitTimeout)
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			require.FailNow(w.t, "not true within "+waitTimeout.String(), "%s\n%v", expression, err)
		case <-tick.C:
		}
	}
}

// press clicks the button with this text as soon as it has been there for a moment: what was pressed before may still move the
// focus. It finds and clicks the button in one step, because a drawing may take it away in the meantime.
func (w *window) press(text string) {
	w.t.Helper()
	w.waitFor(fmt.Sprintf("ui.button(%s)", quote(text)))
	w.waitFor(fmt.Sprintf("((button) => button && (button.click(), true))(ui.button(%s))", quote(text)))
}

// clickAt clicks in the middle of an element, as a mouse does; options name another button, or keys that are held.
func (w *window) clickAt(element string, options ...chromedp.MouseOption) {
	w.t.Helper()
	w.waitFor(element)
	at := eval[[]float64](w, fmt.Sprintf("(({x, y, width, height}) => [x + width / 2, y + height / 2])(%s.getBoundingClientRect())", element))
	w.runActions("click", chromedp.MouseClickXY(at[0], at[1], options...))
}

// fill replaces the text of a field by typing.
func (w *window) fill(id, text string) {
	w.t.Helper()
	w.waitFor(fmt.Sprintf("document.getElementById(%s)", quote(id)))
	w.exec(fmt.Sprintf("document.getElementById(%s).focus(), document.getElementById(%[1]s).select()", quote(id)))
	if text == "" {
		text = kb.Backspace
	}
	w.keys(text)
}

func (w *window) keys(keys string, options ...chromedp.KeyOption) {
	w.t.Helper()
	w.runActions("keys", chromedp.KeyEvent(keys, append(options, asKeyboard)...))
}

func (w *window) pressTab() { w.t.Helper(); w.keys(kb.Tab) }

// asKeyboard sends the kind of event that a keyboard causes. Only after that does Chromium leave out the character of a key
// whose keydown the page handled.
func asKeyboard(p *input.DispatchKeyEventParams) {
	if p.Type == kb.KeyDown {
		p.Type = kb.KeyRawDown
	}
}

// openRow opens the contact with this name.
func (w *window) openRow(name string) {
	w.t.Helper()
	w.waitFor(fmt.Sprintf("ui.row(%s)", quote(name)))
	w.exec(fmt.Sprintf("ui.row(%s).click()", quote(name)))
	w.waitFor(fmt.Sprintf(`document.querySelector(".panel :is(.fields, .read)") && ui.text("#panel-title") === %s`, quote(strings.Join(strings.Fields(name), " "))))
}

func (w *window) waitForRow(name string) {
	w.t.Helper()
	w.waitFor(fmt.Sprintf("ui.row(%s)", quote(name)))
}

func (w *window) waitForNoRow(name string) {
	w.t.Helper()
	w.waitFor(fmt.Sprintf("!ui.row(%s)", quote(name)))
}

// saveFailure saves a screenshot of a failed test in the folder for temporary files.
func (w *window) saveFailure(name string) {
	file, err := os.CreateTemp("", name+"-*.png")
	if err != nil {
		w.t.Logf("picture: %v", err)
		return
	}
	_ = file.Close()
	w.saveScreenshot(file.Name())
}

func (w *window) saveScreenshot(file string) {
	ctx, cancel := context.WithTimeout(w.ctx, waitTimeout)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, picture, 0o600)
	}
	w.t.Logf("picture: %s %v", file, err)
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
