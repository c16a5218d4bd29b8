// Package wsclient is the WebSocket client of all tests. A [Conn] reads when it is told to and returns
// its errors; a [Client] reads all the time and fails its test. The package knows the frames that
// asyncapi.json documents and nothing else of the product.
package wsclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/fasthttp/websocket"
)

// ErrNotAFrame is the error of a message that is not a JSON object with fields of a [Frame].
var ErrNotAFrame = errors.New("not a frame")

// BrokenConnection is the close code of a connection that ended without a close frame.
const BrokenConnection = -1

// Dialer has the options of a connection.
type Dialer struct {
	ReceiveBuffer int // bytes that the kernel holds for a client that does not read; 0 means the system's default
}

// Conn is one WebSocket. Reading and writing may run at the same time; each of them only once.
type Conn struct{ *websocket.Conn }

// Dial opens a WebSocket with the default options.
func Dial(ctx context.Context, url string, header ...string) (conn *Conn, status int, err error) {
	return Dialer{}.Dial(ctx, url, header...)
}

// Dial opens a WebSocket. header is name, value, name, value…; status is the HTTP status of the answer,
// 0 without an answer.
func (d Dialer) Dial(ctx context.Context, url string, header ...string) (conn *Conn, status int, err error) {
	h := http.Header{}
	for n := 0; n+1 < len(header); n += 2 {
		h.Set(header[n], header[n+1])
	}
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second, NetDialContext: d.dialTCP}
	c, response, err := dialer.DialContext(ctx, url, h)
	if response != nil {
		status = response.StatusCode
		_ = response.Body.Close()
	}
	if err != nil {
		return nil, status, err
	}
	return &Conn{c}, status, nil
}

func (d Dialer) dialTCP(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil || d.ReceiveBuffer == 0 {
		return conn, err
	}
	return conn, conn.(*net.TCPConn).SetReadBuffer(d.ReceiveBuffer)
}

// Send sends a text message.
func (c *Conn) Send(format string, args ...any) error {
	return c.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...))
}

// Join asks to join a room, from the position since on unless that is empty. extra are further members
// of the request, such as `"presence":true`. The ref is "join".
func (c *Conn) Join(room, since string, extra ...string) error {
	members := append([]string{`"op":"join","ref":"join"`, fmt.Sprintf(`"room":%q`, room)}, extra...)
	if since != "" {
		members = append(members, fmt.Sprintf(`"since":%q`, since))
	}
	return c.Send("{%s}", strings.Join(members, ","))
}

// Read returns the next frame. After an error the connection is of no more use, unless it is
// [ErrNotAFrame]. A zero timeout waits for ever.
func (c *Conn) Read(timeout time.Duration) (f Frame, err error) {
	deadline := time.Time{}
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if err := c.SetReadDeadline(deadline); err != nil {
		return f, err
	}
	_, message, err := c.ReadMessage()
	if err != nil {
		return f, err
	}
	return decode(message)
}

func decode(message []byte) (f Frame, err error) {
	if err := json.Unmarshal(message, &f); err != nil {
		return f, fmt.Errorf("%w: %w: %.200s", ErrNotAFrame, err, message)
	}
	f.Text = string(message)
	return f, nil
}

// CloseCode returns the code and the reason of the close frame that ended a connection with err, and
// [BrokenConnection] without such a frame.
func CloseCode(err error) (code int, reason string) {
	closed, ok := errors.AsType[*websocket.CloseError](err)
	if !ok || closed.Code == websocket.CloseAbnormalClosure {
		return BrokenConnection, ""
	}
	return closed.Code, closed.Text
}
