// Package webdriver drives one window of Chromium, Firefox or WebKit by W3C WebDriver: Chromium and Firefox by its newer
// form, WebDriver BiDi, and WebKit, which does not have that yet, by the older one. It has the few commands that the tests need.
package webdriver

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Engine is the name of a browser engine.
type Engine string

// The three engines of today's browsers.
const (
	Chromium Engine = "chromium"
	Firefox  Engine = "firefox"
	WebKit   Engine = "webkit" // the engine of Safari
)

// Engines lists all engines.
var Engines = []Engine{Chromium, Firefox, WebKit}

// Browser is a browser with one window. Its profile is new.
type Browser interface {
	Navigate(ctx context.Context, url string) error
	// Evaluate decodes the value of a JavaScript expression into a variable. It does not await promises.
	Evaluate(ctx context.Context, expression string, into any) error
	// Perform does what keys and a mouse do.
	Perform(ctx context.Context, input ...Input) error
	// ChooseFile chooses a file in the input that a CSS selector finds.
	ChooseFile(ctx context.Context, selector, file string) error
	// Resize gives the page another size.
	Resize(ctx context.Context, width, height int) error
	Screenshot(ctx context.Context) (png []byte, err error)
	// Errors returns the errors on the console since the last call, those of the content policy included. WebKit does not tell them.
	Errors() []string
	Close() error
}

// Options say how a browser starts.
type Options struct {
	Dir           string // an empty folder for the profile
	Width, Height int    // of the page
	MinimumFont   int    // in pixels, 0 for none; only Firefox has the setting
}

// endTimeout is how long a browser gets for its end.
const endTimeout = 10 * time.Second

// Start starts a browser. If it fails, it closes the browser.
func Start(ctx context.Context, engine Engine, o Options) (Browser, error) {
	var b Browser
	var err error
	switch engine {
	case Chromium:
		b, err = startChromium(ctx, o)
	case Firefox:
		b, err = startFirefox(ctx, o)
	case WebKit:
		b, err = startWebKit(ctx, o)
	default:
		err = fmt.Errorf("there is no engine %q", engine)
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", engine, err)
	}
	if err := b.Resize(ctx, o.Width, o.Height); err != nil {
		return nil, errors.Join(fmt.Errorf("resize %s: %w", engine, err), b.Close())
	}
	return b, nil
}
