package webdriver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"grapevine/internal/servers"
)

// webKit is WebKitGTK's small browser on a display without a screen.
type webKit struct {
	classic
	display, driver *process
}

var (
	displayReady = regexp.MustCompile(`(\d+)\n`)
	anything     = regexp.MustCompile(`()`)
)

func startWebKit(ctx context.Context, o Options) (_ Browser, err error) {
	w := &webKit{}
	defer func() {
		if err != nil {
			_ = w.Close()
		}
	}()
	// The buttons of the window must not make it wider than a phone.
	style := filepath.Join(o.Dir, "gtk-3.0", "gtk.css")
	if err := errors.Join(os.Mkdir(filepath.Dir(style), 0o700), os.WriteFile(style, []byte("* { min-width: 0; padding: 0; }"), 0o600)); err != nil {
		return nil, err
	}
	var number string
	if w.display, number, err = startProcess(ctx, displayReady, nil, "Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1600x1200x24"); err != nil {
		return nil, err
	}
	port, err := servers.FreePort()
	if err != nil {
		return nil, err
	}
	env := []string{"DISPLAY=:" + number, "HOME=" + o.Dir, "XDG_CONFIG_HOME=" + o.Dir, "XDG_RUNTIME_DIR=" + o.Dir, "LIBGL_ALWAYS_SOFTWARE=1"}
	if w.driver, _, err = startProcess(ctx, anything, env, "WebKitWebDriver", fmt.Sprintf("--port=%d", port)); err != nil {
		return nil, err
	}
	w.base = fmt.Sprintf("http://127.0.0.1:%d", port)
	for w.call(ctx, http.MethodGet, "/status", nil, nil) != nil {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the driver is not ready: %w: %s", ctx.Err(), w.driver.printed())
		case <-time.After(20 * time.Millisecond):
		}
	}
	_, err = w.newSession(ctx, object{"browserName": "MiniBrowser"})
	return w, err
}

// Resize makes the window larger than the page by its frame.
func (w *webKit) Resize(ctx context.Context, width, height int) error {
	var frame []int
	if err := w.Evaluate(ctx, `[outerWidth - innerWidth, outerHeight - innerHeight]`, &frame); err != nil {
		return err
	}
	return w.call(ctx, http.MethodPost, "/window/rect", object{"x": 0, "y": 0, "width": width + frame[0], "height": height + frame[1]}, nil)
}

func (w *webKit) Navigate(ctx context.Context, url string) error {
	return w.call(ctx, http.MethodPost, "/url", object{"url": url}, nil)
}

func (w *webKit) Evaluate(ctx context.Context, expression string, into any) error {
	var text *string
	script := "return JSON.stringify(" + expression + ")"
	if err := w.call(ctx, http.MethodPost, "/execute/sync", object{"script": script, "args": []any{}}, &text); err != nil {
		return err
	}
	return decode(text, into)
}

func (w *webKit) Perform(ctx context.Context, input ...Input) error {
	return w.call(ctx, http.MethodPost, "/actions", object{"actions": input}, nil)
}

func (w *webKit) ChooseFile(ctx context.Context, selector, file string) error {
	var element map[string]string
	if err := w.call(ctx, http.MethodPost, "/element", object{"using": "css selector", "value": selector}, &element); err != nil {
		return err
	}
	for _, id := range element {
		return w.call(ctx, http.MethodPost, "/element/"+id+"/value", object{"text": file}, nil)
	}
	return errors.New("the driver named no element")
}

func (w *webKit) Screenshot(ctx context.Context) (png []byte, err error) {
	return png, w.call(ctx, http.MethodGet, "/screenshot", nil, &png)
}

// Errors is empty: WebKit's driver does not tell what its console says.
func (w *webKit) Errors() []string { return nil }

func (w *webKit) Close() (err error) {
	if w.driver != nil {
		err = w.endSession()
		w.driver.kill()
	}
	if w.display != nil {
		w.display.kill()
	}
	return err
}
