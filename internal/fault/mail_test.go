//go:build fault

package fault

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// postbox is a mail server that accepts every message and counts them by their Idempotency-Key. A server
// that honours the key delivers each message once, however often it was sent.
type postbox struct {
	listener net.Listener

	mu   sync.Mutex
	sent map[string]int
	held chan struct{} // closed when messages are answered again; nil while messages are answered

	refusing bool // every message, for now
}

// refuse answers every message with a failure that passes, until accept is called.
func (p *postbox) refuse() (accept func()) {
	set := func(refusing bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.refusing = refusing
	}
	set(true)
	return func() { set(false) }
}

// hold stops the answers to messages, so that workers wait, until release is called.
func (p *postbox) hold() (release func()) {
	held := make(chan struct{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		close(held)
		p.held = nil
	}
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &postbox{listener: listener, sent: map[string]int{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn) // ends with its client, which ends with the test
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return p
}

func (p *postbox) url() string { return "smtp://" + p.listener.Addr().String() + "?tls=none" }

// serve speaks as much SMTP (RFC 5321) as a client needs to send a message.
func (p *postbox) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	say := func(line string) bool {
		_, err := conn.Write([]byte(line + "\r\n"))
		return err == nil
	}
	if !say("220 postbox") {
		return
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		answer := "250 ok"
		switch verb {
		case "DATA":
			if !say("354 go on") {
				return
			}
			key, ok := readMessage(in)
			if !ok {
				return
			}
			p.mu.Lock()
			held := p.held
			if p.refusing {
				answer = "451 try again later"
			} else {
				p.sent[key]++
			}
			p.mu.Unlock()
			if held != nil {
				<-held
			}
		case "QUIT":
			say("221 bye")
			return
		}
		if !say(answer) {
			return
		}
	}
}

// readMessage reads up to the line with a single dot and returns the Idempotency-Key.
func readMessage(in *bufio.Reader) (key string, ok bool) {
	header := true
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", false
		}
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == ".":
			return key, true
		case line == "":
			header = false
		case header:
			name, value, _ := strings.Cut(line, ":")
			if strings.EqualFold(name, "Idempotency-Key") {
				key = strings.TrimSpace(value)
			}
		}
	}
}

// counts are the numbers of received messages, by key.
func (p *postbox) counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := make(map[string]int, len(p.sent))
	for key, n := range p.sent {
		counts[key] = n
	}
	return counts
}
