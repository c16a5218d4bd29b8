package webdriver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"github.com/fasthttp/websocket"
)

// biDi is a browser that is driven over a WebSocket by WebDriver BiDi.
type biDi struct {
	process *process
	conn    *websocket.Conn
	window  string // "context" in the protocol

	mu      sync.Mutex
	last    int
	waiting map[int]chan message // nil when the connection has ended
	errors  []string
}

// message is an answer or an event.
type message struct {
	ID      int
	Type    string // success, error, event
	Method  string
	Error   string
	Message string
	Result  json.RawMessage
	Params  struct{ Level, Text string } // of log.entryAdded
}

var (
	firefoxReady      = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)
	chromedriverReady = regexp.MustCompile(`started successfully on port (\d+)`)
)

func startFirefox(ctx context.Context, o Options) (Browser, error) {
	// Nothing of the real profile, no updates, no first pages.
	args := []string{"--headless", "--no-remote", "--profile", o.Dir, "--remote-debugging-port", "0", "about:blank"}
	if err := writeFirefoxSettings(o); err != nil {
		return nil, err
	}
	p, address, err := startProcess(ctx, firefoxReady, []string{"HOME=" + o.Dir}, "firefox-esr", args...)
	if err != nil {
		return nil, err
	}
	b, err := connect(ctx, p, address+"/session")
	if err != nil {
		p.kill()
		return nil, err
	}
	if err := b.call(ctx, "session.new", object{"capabilities": object{}}, nil); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b.prepare(ctx)
}

func startChromium(ctx context.Context, o Options) (Browser, error) {
	p, port, err := startProcess(ctx, chromedriverReady, []string{"HOME=" + o.Dir}, "chromedriver", "--port=0")
	if err != nil {
		return nil, err
	}
	driver := classic{base: "http://127.0.0.1:" + port}
	session, err := driver.newSession(ctx, object{"webSocketUrl": true, "goog:chromeOptions": object{"args": []string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--user-data-dir=" + o.Dir,
	}}})
	if err != nil {
		p.kill()
		return nil, err
	}
	b, err := connect(ctx, p, session.Capabilities.WebSocketURL)
	if err != nil {
		err = errors.Join(err, driver.endSession())
		p.kill()
		return nil, err
	}
	return b.prepare(ctx)
}

func connect(ctx context.Context, p *process, url string) (*biDi, error) {
	conn, response, err := websocket.DefaultDialer.DialContext(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", url, err)
	}
	_ = response.Body.Close()
	b := &biDi{process: p, conn: conn, waiting: map[int]chan message{}}
	go b.receive()
	return b, nil
}

// prepare opens a window and listens to its console. If it fails, it ends the browser. The focus is in the first window's
// address bar, so Firefox would tell the page in that window nothing about focus.
func (b *biDi) prepare(ctx context.Context) (Browser, error) {
	var tab struct{ Context string }
	err := b.call(ctx, "browsingContext.create", object{"type": "tab"}, &tab)
	if err == nil {
		b.window = tab.Context
		err = b.call(ctx, "session.subscribe", object{"events": []string{"log.entryAdded"}}, nil)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// receive hands every answer to whoever waits for it, until the connection ends.
func (b *biDi) receive() {
	for {
		var m message
		err := b.conn.ReadJSON(&m)
		b.mu.Lock()
		switch {
		case err != nil:
			for _, waiting := range b.waiting {
				close(waiting)
			}
			b.waiting = nil
			b.mu.Unlock()
			return
		case m.Method == "log.entryAdded":
			if m.Params.Level == "error" {
				b.errors = append(b.errors, m.Params.Text)
			}
		case b.waiting[m.ID] != nil:
			b.waiting[m.ID] <- m
			delete(b.waiting, m.ID)
		}
		b.mu.Unlock()
	}
}

func (b *biDi) call(ctx context.Context, method string, params object, into any) error {
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	if b.waiting == nil {
		b.mu.Unlock()
		return fmt.Errorf("%s: the browser has ended: %s", method, b.process.printed())
	}
	b.waiting[id] = answer
	err := b.conn.WriteJSON(object{"id": id, "method": method, "params": params})
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case m, ok := <-answer:
		if !ok {
			return fmt.Errorf("%s: the browser has ended: %s", method, b.process.printed())
		}
		if m.Type == "error" {
			return fmt.Errorf("%s: %s: %s", method, m.Error, m.Message)
		}
		if into == nil {
			return nil
		}
		return json.Unmarshal(m.Result, into)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

func (b *biDi) Navigate(ctx context.Context, url string) error {
	return b.call(ctx, "browsingContext.navigate", object{"context": b.window, "url": url, "wait": "complete"}, nil)
}

func (b *biDi) Evaluate(ctx context.Context, expression string, into any) error {
	var answer struct {
		Type    string
		Result  struct{ Value *string }
		Details struct{ Text string } `json:"exceptionDetails"`
	}
	err := b.call(ctx, "script.evaluate", object{"expression": "JSON.stringify(" + expression + ")", "target": object{"context": b.window}, "awaitPromise": false, "userActivation": true}, &answer)
	if err != nil {
		return err
	}
	if answer.Type == "exception" {
		return errors.New(answer.Details.Text)
	}
	return decode(answer.Result.Value, into)
}

func (b *biDi) Perform(ctx context.Context, input ...Input) error {
	return b.call(ctx, "input.performActions", object{"context": b.window, "actions": input}, nil)
}

func (b *biDi) ChooseFile(ctx context.Context, selector, file string) error {
	var found struct{ Nodes []struct{ SharedID string } }
	if err := b.call(ctx, "browsingContext.locateNodes", object{"context": b.window, "locator": object{"type": "css", "value": selector}}, &found); err != nil {
		return err
	}
	if len(found.Nodes) != 1 {
		return fmt.Errorf("%s finds %d elements", selector, len(found.Nodes))
	}
	return b.call(ctx, "input.setFiles", object{"context": b.window, "element": object{"sharedId": found.Nodes[0].SharedID}, "files": []string{file}}, nil)
}

func (b *biDi) Resize(ctx context.Context, width, height int) error {
	return b.call(ctx, "browsingContext.setViewport", object{"context": b.window, "viewport": object{"width": width, "height": height}}, nil)
}

func (b *biDi) Screenshot(ctx context.Context) ([]byte, error) {
	var picture struct{ Data []byte }
	err := b.call(ctx, "browsingContext.captureScreenshot", object{"context": b.window}, &picture)
	return picture.Data, err
}

func (b *biDi) Errors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	errors := b.errors
	b.errors = nil
	return errors
}

func (b *biDi) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	err := b.call(ctx, "browser.close", object{}, nil)
	_ = b.conn.Close()
	b.process.kill()
	return err
}
