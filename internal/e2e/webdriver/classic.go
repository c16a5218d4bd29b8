package webdriver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// object is a JSON object of the protocol.
type object = map[string]any

// classic sends the commands of WebDriver over HTTP.
type classic struct {
	base string // with the session, once there is one
}

// newSession returns what the browser says about itself.
func (c *classic) newSession(ctx context.Context, capabilities object) (answer struct {
	SessionID    string
	Capabilities struct{ WebSocketURL string }
}, err error,
) {
	err = c.call(ctx, http.MethodPost, "/session", object{"capabilities": object{"alwaysMatch": capabilities}}, &answer)
	c.base += "/session/" + answer.SessionID
	return answer, err
}

// endSession ends the browser, but not its driver.
func (c *classic) endSession() error {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	return c.call(ctx, http.MethodDelete, "", nil, nil)
}

func (c *classic) call(ctx context.Context, method, path string, body, into any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, &content)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("read the answer to %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, answer.Value)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, into)
}

// decode takes apart a value that JSON.stringify made in the page; it makes nothing of undefined.
func decode(text *string, into any) error {
	if text == nil || into == nil {
		return nil
	}
	return json.Unmarshal([]byte(*text), into)
}
