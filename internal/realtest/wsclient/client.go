package wsclient

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a client waits for a frame that has to come.
const patience = 20 * time.Second

// Client is the WebSocket of one test. It receives every message at once, so the server never waits for the
// test, and decodes a message when the test reads it. It fails the test if an expected frame does not come. It
// is closed when the test ends. Only one goroutine may read it.
type Client struct {
	Conn *Conn

	t       testing.TB
	arrived chan struct{} // has an element if messages or err changed

	mu       sync.Mutex
	messages [][]byte // received and not read yet
	err      error    // why the connection ended
}

// Open connects to a URL. header is name, value, name, value….
func Open(t testing.TB, url string, header ...string) *Client {
	t.Helper()
	conn, status, err := Dial(t.Context(), url, header...)
	require.NoError(t, err, "HTTP status %d", status)
	c := &Client{Conn: conn, t: t, arrived: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for c.receive() {
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return c
}

// receive reads the next message of the connection. It returns false when the connection has ended.
func (c *Client) receive() bool {
	_, message, err := c.Conn.ReadMessage()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.err = err
	} else {
		c.messages = append(c.messages, message)
	}
	select {
	case c.arrived <- struct{}{}:
	default:
	}
	return err == nil
}

// Pending returns the frames that were received and not read yet.
func (c *Client) Pending() []Frame {
	c.t.Helper()
	c.mu.Lock()
	messages := slices.Clone(c.messages)
	c.mu.Unlock()
	frames := make([]Frame, len(messages))
	for i, message := range messages {
		frames[i] = c.decode(message)
	}
	return frames
}

// first returns and removes the first message that was received and not read yet. After the last message, err
// says why the connection ended; it is nil while the connection is open.
func (c *Client) first() (message []byte, found bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.messages) == 0 {
		return nil, false, c.err
	}
	message, c.messages = c.messages[0], c.messages[1:]
	return message, true, nil
}

func (c *Client) decode(message []byte) Frame {
	c.t.Helper()
	f, err := decode(message)
	require.NoError(c.t, err)
	return f
}

// Send sends a text message.
func (c *Client) Send(format string, args ...any) {
	c.t.Helper()
	require.NoError(c.t, c.Conn.Send(format, args...))
}

// Close closes the connection without a close frame.
func (c *Client) Close() {
	c.t.Helper()
	require.NoError(c.t, c.Conn.Close())
}

// Join joins a room and returns the ack. The arguments are those of [Conn.Join].
func (c *Client) Join(room, since string, extra ...string) Frame {
	c.t.Helper()
	require.NoError(c.t, c.Conn.Join(room, since, extra...))
	ack := c.Next(func(f Frame) bool { return f.Ref == "join" })
	require.Equal(c.t, "ack", ack.Op, ack.Text)
	require.Equal(c.t, room, ack.Room)
	return ack
}

// Read returns the next frame.
func (c *Client) Read() Frame {
	c.t.Helper()
	return c.Next(func(Frame) bool { return true })
}

// Event returns the next event of a contact and drops the frames before it.
func (c *Client) Event() Frame {
	c.t.Helper()
	return c.Next(func(f Frame) bool { return strings.HasPrefix(f.Event, "contact:") })
}

// Until returns the next frame with this `op` or `event` and drops the frames before it.
func (c *Client) Until(name string) Frame {
	c.t.Helper()
	return c.Next(func(f Frame) bool { return f.Op == name || f.Event == name })
}

// Next returns the next frame that matches and drops the frames before it.
func (c *Client) Next(match func(Frame) bool) Frame {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		message, found, err := c.first()
		switch {
		case found:
			if f := c.decode(message); match(f) {
				return f
			}
		case err != nil:
			require.NoError(c.t, err, "the connection ended before the expected frame")
		default:
			select {
			case <-c.arrived:
			case <-deadline:
				require.FailNow(c.t, "the expected frame did not come")
			}
		}
	}
}

// Err waits until the connection ends and returns its error. It drops the unread frames.
func (c *Client) Err() error {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		_, found, err := c.first()
		switch {
		case found:
		case err != nil:
			return err
		default:
			select {
			case <-c.arrived:
			case <-deadline:
				require.FailNow(c.t, "the connection stays open")
			}
		}
	}
}

// CloseCode waits until the connection ends and returns its close code, see [CloseCode].
func (c *Client) CloseCode() int {
	c.t.Helper()
	code, _ := CloseCode(c.Err())
	return code
}
