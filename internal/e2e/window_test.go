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
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// patience is how long a fact may take to become visible on a busy machine.
const patience = 30 * time.Second

// window is one browser window with storage of its own. When the test ends it must have thrown
// nothing, broken no policy, opened no dialog and asked nobody but the instance for anything.
type window struct {
	t     *testing.T
	ctx   context.Context
	close context.CancelFunc
	base  string

	mu    sync.Mutex
	wrong []string
}

type look struct {
	width, height int64
	dark, phone   bool
	script        string // run before the page's own
}

// seen tells tests what a person would see; tests read it and never the page's inner workings.
const seen = `window.seen = {
  rows: () => [...document.querySelectorAll('.body .row[data-id]')].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex),
  names: () => seen.rows().map((r) => r.querySelector('.cell.name .fullname').textContent),
  row: (name) => seen.rows().find((r) => r.querySelector('.cell.name .fullname').textContent === name),
  state: () => document.querySelector('.badge')?.dataset.state,
  text: (selector) => document.querySelector(selector)?.textContent.replace(/\s+/g, ' ').trim() ?? '',
  value: (id) => document.getElementById(id)?.value,
  button: (text) => [...document.querySelectorAll('button, summary')].find((b) => !b.disabled && b.checkVisibility() && (b.textContent.trim().startsWith(text) || b.ariaLabel === text)),
};`

func open(t *testing.T, path string, l look) *window {
	t.Helper()
	return openAt(t, world.app, path, l)
}

func openAt(t *testing.T, i *instance, path string, l look) *window {
	t.Helper()
	if l.width == 0 {
		l.width, l.height = 1280, 800
	}
	ctx, cancel := chromedp.NewContext(world.browser, chromedp.WithNewBrowserContext())
	w := &window{t: t, ctx: ctx, close: cancel, base: i.url("")}
	t.Cleanup(func() {
		if t.Failed() && ctx.Err() == nil {
			w.keep("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		require.Empty(t, w.wrong)
	})
	require.NoError(t, chromedp.Do(ctx)) // makes the window, which must not end with the deadline of an action
	require.NoError(t, chromedp.Listen(ctx, w.watch))
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	w.run("open "+path,
		call(network.Enable, network.EnableParams{}), call(log.Enable, cdp.Empty{}),
		call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: l.height, DeviceScaleFactor: 1, Mobile: l.phone}),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}),
		call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: seen + l.script}),
		chromedp.Navigate(w.base+path))
	return w
}

// call is a command of the browser's protocol as an action.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// live opens a page and waits until it follows the change stream.
func live(t *testing.T, path string, l look) *window {
	t.Helper()
	w := open(t, path, l)
	w.until(`seen.state() === "live"`)
	return w
}

func (w *window) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.blame("exception: %s", e.ExceptionDetails.Exception.Description)
	case *page.EventJavascriptDialogOpening:
		w.blame("dialog: %s", e.Message)
		go func() {
			_ = chromedp.Do(w.ctx, call(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}))
		}()
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy") || strings.Contains(e.Entry.Text, "Trusted") {
			w.blame("policy: %s", e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && "http://"+u.Host != w.base && !strings.HasPrefix(e.DocumentURL, w.base+"/jobs") {
			w.blame("request to the outside: %s", e.Request.URL)
		}
	}
}

func (w *window) blame(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func (w *window) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	require.NoError(w.t, chromedp.Do(ctx, actions...), what)
}

// eval is the value of an expression, promises awaited.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(w.t, err, expression)
	return out
}

// do runs an expression for what it does.
func (w *window) do(expression string) {
	w.t.Helper()
	eval[bool](w, "("+expression+", true)")
}

// until waits until an expression is true.
func (w *window) until(expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
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
			require.FailNow(w.t, "not within "+patience.String(), "%s\n%v", expression, err)
		case <-tick.C:
		}
	}
}

// press presses the button that says text.
func (w *window) press(text string) {
	w.t.Helper()
	w.until(fmt.Sprintf("seen.button(%s)", quote(text)))
	w.do(fmt.Sprintf("seen.button(%s).click()", quote(text)))
}

// fill replaces what is in a field, as typing does.
func (w *window) fill(id, text string) {
	w.t.Helper()
	w.until(fmt.Sprintf("document.getElementById(%s)", quote(id)))
	w.do(fmt.Sprintf("document.getElementById(%s).focus(), document.getElementById(%[1]s).select()", quote(id)))
	if text == "" {
		text = kb.Backspace
	}
	w.keys(text)
}

func (w *window) keys(keys string, options ...chromedp.KeyOption) {
	w.t.Helper()
	w.run("keys", chromedp.KeyEvent(keys, options...))
}

// openRow opens the contact with this name.
func (w *window) openRow(name string) {
	w.t.Helper()
	w.until(fmt.Sprintf("seen.row(%s)", quote(name)))
	w.do(fmt.Sprintf("seen.row(%s).click()", quote(name)))
	w.until(`document.querySelector(".panel .fields")`)
}

func (w *window) has(name string) {
	w.t.Helper()
	w.until(fmt.Sprintf("seen.row(%s)", quote(name)))
}

func (w *window) lacks(name string) {
	w.t.Helper()
	w.until(fmt.Sprintf("!seen.row(%s)", quote(name)))
}

// quiet waits until nothing glides or glows any more.
func (w *window) quiet() {
	w.t.Helper()
	w.until(`!document.getAnimations().some((a) => a.playState === "running" && a.effect.getComputedTiming().iterations === 1)`)
}

// keep writes a picture of a window whose test has failed to the folder for temporary files.
func (w *window) keep(name string) {
	file, err := os.CreateTemp("", name+"-*.png")
	if err != nil {
		w.t.Logf("picture: %v", err)
		return
	}
	_ = file.Close()
	w.keepAs(file.Name())
}

func (w *window) keepAs(file string) {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
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
		panic(err) // a string can be written
	}
	return string(b)
}
