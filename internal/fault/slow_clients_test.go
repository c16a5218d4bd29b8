//go:build fault

package fault

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dialRaw opens a connection to the instance and sends text.
func (i *instance) dialRaw(text string) net.Conn {
	i.c.t.Helper()
	conn, err := net.Dial("tcp", i.addr)
	require.NoError(i.c.t, err)
	i.c.t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, text)
	require.NoError(i.c.t, err)
	return conn
}

// drip sends n bytes, so many each tick, until the server answers, and returns the status. It is 0 if none came within a minute.
func drip(conn net.Conn, n, piece int, tick time.Duration) int {
	go func() {
		for ; n > 0; n -= piece {
			if _, err := conn.Write([]byte(strings.Repeat("x", min(n, piece)))); err != nil {
				return
			}
			time.Sleep(tick) // the rate of the client
		}
	}()
	_ = conn.SetReadDeadline(time.Now().Add(60 * time.Second))
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// Slow clients that make progress end well. Clients that make none are cut off, and meanwhile keep nobody waiting.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: -1})
	const contacts = 20_000
	c.insertNoted(contacts, 500)
	i := c.startInstance()
	const post = "POST /contacts/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: "
	const export = "GET /contacts/export?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n"
	i.waitUntilReady()

	silent := make([]net.Conn, 8)
	for n := range silent {
		silent[n] = i.dialRaw(export)
	}
	var group sync.WaitGroup
	group.Go(func() {
		upload := i.dialRaw(post + "900000\r\n\r\n")
		// The whole file has arrived if an import of it has ended, although it holds no contacts.
		require.Equal(t, http.StatusOK, drip(upload, 900_000, 5000, 100*time.Millisecond), "900 kB at 50 kB/s arrive")
	})
	group.Go(func() {
		upload := i.dialRaw(post + "900000\r\n\r\n")
		require.Equal(t, http.StatusRequestTimeout, drip(upload, 900_000, 100, time.Second), "a body at 100 bytes a second")
	})
	group.Go(func() {
		headers := i.dialRaw("GET /contacts HTTP/1.1\r\nHost: localhost\r\nX: ")
		start := time.Now()
		require.Equal(t, http.StatusRequestTimeout, drip(headers, 5000, 10, 100*time.Millisecond), "headers at 100 bytes a second")
		require.Less(t, time.Since(start), 20*time.Second)
	})
	group.Go(func() {
		start := time.Now()
		answer, err := http.ReadResponse(bufio.NewReader(i.dialRaw(export)), nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		body := bufio.NewReader(answer.Body)
		lines := 0
		for {
			_, err := body.ReadString('\n')
			if err != nil {
				require.ErrorIs(t, err, io.EOF, "the answer is whole")
				break
			}
			if lines++; lines%20 == 0 && time.Since(start) < 20*time.Second { // 1 Mbit/s
				time.Sleep(100 * time.Millisecond)
			}
		}
		require.Equal(t, contacts+1, lines)
		require.Greater(t, time.Since(start), 20*time.Second)
	})
	status, _, _ := i.get("/contacts/export?format=csv", "Workspace", "another")
	require.Equal(t, http.StatusOK, status, "clients that do not read leave exports to others")
	group.Wait()
	for _, conn := range silent {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		n, _ := io.Copy(io.Discard, conn)
		require.Less(t, n, int64(contacts*500), "an export that nobody reads ends")
	}
}
