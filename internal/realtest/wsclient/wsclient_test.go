package wsclient

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/stretchr/testify/require"
)

// serve answers every WebSocket with handle and returns its URL.
func serve(t *testing.T, handle func(*websocket.Conn)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Refuse") != "" {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err == nil {
			defer conn.Close()
			handle(conn)
		}
	}))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http", "ws", 1)
}

func write(conn *websocket.Conn, text string) {
	_ = conn.WriteMessage(websocket.TextMessage, []byte(text))
}

func TestClientJoinsReadsAndIsClosed(t *testing.T) {
	url := serve(t, func(conn *websocket.Conn) {
		_, request, _ := conn.ReadMessage()
		if string(request) != `{"op":"join","ref":"join","room":"workspace:a","presence":true,"since":"1-0"}` {
			write(conn, `{"op":"error","ref":"join","message":"unexpected request"}`)
			return
		}
		write(conn, `{"event":"pipeline","state":"live"}`)
		write(conn, `{"op":"ack","ref":"join","room":"workspace:a","position":"1-0","recovered":true}`)
		write(conn, `{"event":"presence","members":2}`)
		write(conn, `{"event":"contact:created","position":"2-0","changed":["notes"],"contact":{"id":"x"}}`)
		_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4008, "slow"))
	})
	c := Open(t, url)
	ack := c.Join("workspace:a", "1-0", `"presence":true`)
	require.True(t, ack.IsRecovered())
	f := c.Event()
	require.Empty(t, c.Pending())
	require.Equal(t, "2-0", f.Position)
	require.Equal(t, []string{"notes"}, f.Changed)
	require.Equal(t, "x", f.ContactID())
	require.Contains(t, f.Text, `"contact:created"`)
	require.Equal(t, 4008, c.CloseCode())
	_, reason := CloseCode(c.Err())
	require.Equal(t, "slow", reason)
}

func TestARefusedHandshakeHasAStatus(t *testing.T) {
	_, status, err := Dial(t.Context(), serve(t, func(*websocket.Conn) {}), "Refuse", "yes")
	require.Error(t, err)
	require.Equal(t, http.StatusTooManyRequests, status)
}

func TestABrokenConnectionHasNoCloseCode(t *testing.T) {
	conn, status, err := Dialer{ReceiveBuffer: 16 << 10}.Dial(t.Context(), serve(t, func(conn *websocket.Conn) { write(conn, "[]") }))
	require.NoError(t, err)
	defer conn.Close()
	require.Equal(t, http.StatusSwitchingProtocols, status)
	_, err = conn.Read(time.Minute)
	require.ErrorIs(t, err, ErrNotAFrame)
	_, err = conn.Read(time.Minute)
	code, _ := CloseCode(err)
	require.Equal(t, BrokenConnection, code)
}
