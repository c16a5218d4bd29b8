package wsclient

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a client waits for a frame that has to come.
const patience = 20 * time.Second

// Client is the WebSocket of one test. It receives every frame at once, and fails the test if an
// expected frame does not come. It is closed when the test ends.
type Client struct {
	Conn   *Conn
	Frames <-chan Frame // received and not read yet; closed when the connection ends

	t   testing.TB
	err error // of the connection; valid when Frames is closed
}

// Open connects to a URL. header is name, value, name, value….
func Open(t testing.TB, url string, header ...string) *Client {
	t.Helper()
	conn, status, err := Dial(t.Context(), url, header...)
	require.NoError(t, err, "HTTP status %d", status)
	frames := make(chan Frame, 1<<14)
	c := &Client{Conn: conn, Frames: frames, t: t}
	closing, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer close(frames)
		for {
			f, err := conn.Read(0)
			if err != nil {
				c.err = err
				return
			}
			select {
			case frames <- f:
			case <-closing:
			}
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); close(closing); <-done })
	return c
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
		select {
		case f, open := <-c.Frames:
			if !open {
				require.NoError(c.t, c.err, "the connection ended before the expected frame")
			}
			if match(f) {
				return f
			}
		case <-deadline:
			require.FailNow(c.t, "the expected frame did not come")
		}
	}
}

// CloseCode waits until the connection ends and returns the close code and reason; see [CloseCode].
func (c *Client) CloseCode() (code int, reason string) {
	c.t.Helper()
	return CloseCode(c.Err())
}

// Err waits until the connection ends and returns its error. Frames that are still unread are dropped.
func (c *Client) Err() error {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case _, open := <-c.Frames:
			if !open {
				return c.err
			}
		case <-deadline:
			require.FailNow(c.t, "the connection stays open")
		}
	}
}
