package ws

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/events"
)

const handshake = "GET /ws/contacts HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n%s\r\n"

const goodKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// shake sends the headers of a handshake and returns the answer.
func (p *instance) shake(headers string) (net.Conn, *bufio.Reader, *http.Response) {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.addr)
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(p.t, conn.SetDeadline(time.Now().Add(soon)))
	_, err = fmt.Fprintf(conn, handshake, p.addr, headers)
	require.NoError(p.t, err)
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil)
	require.NoError(p.t, err)
	return conn, r, resp
}

func TestHandshakeToTheLetter(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{})
	const version = "Sec-WebSocket-Version: 13\r\n"
	for name, test := range map[string]struct {
		headers string
		status  int
	}{
		"a handshake":          {version + goodKey, 101},
		"version 8":            {"Sec-WebSocket-Version: 8\r\n" + goodKey, 426},
		"no version":           {goodKey, 426},
		"a list of versions":   {"Sec-WebSocket-Version: 8, 13\r\n" + goodKey, 426},
		"no key":               {version, 400},
		"an empty key":         {version + "Sec-WebSocket-Key:\r\n", 400},
		"a short key":          {version + "Sec-WebSocket-Key: c2hvcnQ=\r\n", 400},
		"a key that is no key": {version + "Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==\r\n", 400},
		"a key without its ==": {version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, resp := p.shake(test.headers)
			defer resp.Body.Close()
			require.Equal(t, test.status, resp.StatusCode)
		})
	}
}

// clientFrame is a frame of a client whose mask is zero.
func clientFrame(first byte, payload string) string {
	b := []byte{first}
	switch n := len(payload); {
	case n <= 125:
		b = append(b, 0x80|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return string(append(b, 0, 0, 0, 0)) + payload
}

// readClose returns the code of the server's close frame, and skips what comes before it.
func readClose(t *testing.T, r io.Reader) int {
	t.Helper()
	for {
		var head [2]byte
		_, err := io.ReadFull(r, head[:])
		require.NoError(t, err)
		payload := make([]byte, head[1])
		_, err = io.ReadFull(r, payload)
		require.NoError(t, err)
		if head[0] == 0x88 {
			return closeCodeOf(payload)
		}
	}
}

// Bytes of a client, and the code with which the server closes.
func TestFramesToTheLetter(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{})
	code := func(n uint16) string { return string(binary.BigEndian.AppendUint16(nil, n)) }
	const ping = `{"op":"ping"}`
	for name, test := range map[string]struct {
		bytes string
		code  int
	}{
		"close":                           {clientFrame(0x88, ""), 1000},
		"close, 1000":                     {clientFrame(0x88, code(1000)), 1000},
		"close, 1000 and a reason":        {clientFrame(0x88, code(1000)+"bye"), 1000},
		"close, 1001":                     {clientFrame(0x88, code(1001)), 1001},
		"close, 1014":                     {clientFrame(0x88, code(1014)), 1014},
		"close, 3000":                     {clientFrame(0x88, code(3000)), 3000},
		"close, 4999":                     {clientFrame(0x88, code(4999)), 4999},
		"close with one byte":             {clientFrame(0x88, "\x03"), 1002},
		"close, 0":                        {clientFrame(0x88, code(0)), 1002},
		"close, 999":                      {clientFrame(0x88, code(999)), 1002},
		"close, 1004":                     {clientFrame(0x88, code(1004)), 1002},
		"close, 1005":                     {clientFrame(0x88, code(1005)), 1002},
		"close, 1006":                     {clientFrame(0x88, code(1006)), 1002},
		"close, 1015":                     {clientFrame(0x88, code(1015)), 1002},
		"close, 2999":                     {clientFrame(0x88, code(2999)), 1002},
		"close, 5000":                     {clientFrame(0x88, code(5000)), 1002},
		"close, a reason not UTF-8":       {clientFrame(0x88, code(1000)+"\xff"), 1007},
		"close of 126 bytes":              {clientFrame(0x88, code(1000)+strings.Repeat("x", 124)), 1002},
		"a frame without a mask":          {"\x81\x02{}", 1002},
		"a close without a mask":          {"\x88\x00", 1002},
		"RSV1":                            {clientFrame(0xc1, ping), 1002},
		"RSV2":                            {clientFrame(0xa1, ping), 1002},
		"RSV3":                            {clientFrame(0x91, ping), 1002},
		"RSV1 of a ping":                  {clientFrame(0xc9, ""), 1002},
		"opcode 3":                        {clientFrame(0x83, ""), 1002},
		"opcode 11":                       {clientFrame(0x8b, ""), 1002},
		"opcode 15":                       {clientFrame(0x8f, ""), 1002},
		"a ping in fragments":             {clientFrame(0x09, "x"), 1002},
		"a close in fragments":            {clientFrame(0x08, ""), 1002},
		"a ping of 126 bytes":             {clientFrame(0x89, strings.Repeat("x", 126)), 1002},
		"a continuation of nothing":       {clientFrame(0x80, ping), 1002},
		"a message inside another":        {clientFrame(0x01, "{") + clientFrame(0x81, "}"), 1002},
		"not UTF-8":                       {clientFrame(0x81, "{\"op\":\"\xff\"}"), 1007},
		"not UTF-8, in fragments":         {clientFrame(0x01, "{\"op\":\"\xc3") + clientFrame(0x80, "\x28\"}"), 1007},
		"half a character at the end":     {clientFrame(0x81, "\xe2\x82"), 1007},
		"a surrogate in UTF-8":            {clientFrame(0x81, "\xed\xa0\x80"), 1007},
		"4097 bytes":                      {clientFrame(0x81, strings.Repeat("x", 4097)), 1009},
		"4097 bytes in fragments":         {clientFrame(0x01, strings.Repeat("x", 4096)) + clientFrame(0x80, "x"), 1009},
		"a length of 2^63":                {"\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 1009},
		"a length that is never sent":     {"\x81\xff\x00\x00\x00\x00\x7f\xff\xff\xff\x00\x00\x00\x00", 1009},
		"200 empty fragments":             {clientFrame(0x01, "") + strings.Repeat(clientFrame(0x00, ""), 200), 1008},
		"binary":                          {clientFrame(0x82, ping), 4400},
		"an empty text":                   {clientFrame(0x81, ""), 4400},
		"a character split by a fragment": {clientFrame(0x01, "{\"op\":\"\xc3") + clientFrame(0x80, "\xa9\"}") + clientFrame(0x88, ""), 1000},
		"a ping between fragments":        {clientFrame(0x01, `{"op":`) + clientFrame(0x89, "x") + clientFrame(0x80, `"ping"}`) + clientFrame(0x88, ""), 1000},
		"a pong nobody asked for":         {clientFrame(0x8a, "x") + clientFrame(0x88, ""), 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, r, resp := p.shake("Sec-WebSocket-Version: 13\r\n" + goodKey)
			defer resp.Body.Close()
			require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
			_, err := io.WriteString(conn, test.bytes)
			require.NoError(t, err)
			require.Equal(t, test.code, readClose(t, r))
		})
	}
}

// Whatever a client sends, the reader ends and keeps at most a message.
func FuzzFrameReader(f *testing.F) {
	f.Add([]byte(clientFrame(0x01, "{") + clientFrame(0x89, "x") + clientFrame(0x80, "}")))
	f.Add([]byte("\x88\x81\x00\x00\x00\x00\x03"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		frames := newFrameReader(bytes.NewReader(sent))
		for {
			_, payload, err := frames.next()
			require.LessOrEqual(t, len(payload), maxRequest)
			if err == nil {
				continue
			}
			if broken, ok := errors.AsType[*protocolError](err); ok {
				require.Contains(t, []int{1002, 1007, 1008, 1009}, broken.code)
			}
			return
		}
	})
}
