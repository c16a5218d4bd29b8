package servers

import (
	"net"
	"sync"
	"time"
)

// Proxy forwards connections between a client and a server, and can disturb them as a network does.
type Proxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	changed chan struct{} // closed when mode changes
	mode    proxyMode
	conns   map[net.Conn]struct{}
	closed  bool
	running sync.WaitGroup
}

type proxyMode int

const (
	forwarding proxyMode = iota
	droppingReplies
	stalled
)

// NewProxy listens on a free loopback port and forwards to target (host:port).
func NewProxy(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: l, target: target, changed: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	p.running.Go(p.accept)
	return p, nil
}

// Addr is the host:port a client connects to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// DropReplies forwards requests and drops the replies, so that the server executes commands without an answer. Call Cut
// before Forward, because the dropped bytes are missing from the open connections.
func (p *Proxy) DropReplies() { p.set(droppingReplies) }

// Stall stops both directions without closing a connection, like a server or network that hangs.
func (p *Proxy) Stall() { p.set(stalled) }

// Forward forwards again, the stalled bytes first.
func (p *Proxy) Forward() { p.set(forwarding) }

// Cut closes the open connections. New ones are accepted and follow the current mode.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
		delete(p.conns, c)
	}
	p.signal()
}

// Close stops listening, closes all connections and waits for their end.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Cut()
	p.running.Wait()
}

func (p *Proxy) set(mode proxyMode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
	p.signal()
}

// signal wakes the goroutines that hold bytes, so that they check the mode and their connection again.
func (p *Proxy) signal() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.DialTimeout("tcp", p.target, 5*time.Second)
		if err != nil {
			_ = client.Close()
			continue
		}
		if !p.add(client, server) {
			return
		}
		p.running.Go(func() { p.copy(server, client, false) })
		p.running.Go(func() { p.copy(client, server, true) })
	}
}

func (p *Proxy) add(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_, _ = client.Close(), server.Close()
		return false
	}
	p.conns[client], p.conns[server] = struct{}{}, struct{}{}
	return true
}

// copy forwards one direction until either end closes, and then closes both.
func (p *Proxy) copy(to, from net.Conn, replies bool) {
	defer p.remove(to)
	defer p.remove(from)
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if !p.mayForward(from, replies) {
			continue
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// mayForward waits while the mode is stalled, and then reports whether bytes of this direction are forwarded.
func (p *Proxy) mayForward(from net.Conn, reply bool) bool {
	for {
		p.mu.Lock()
		mode, changed := p.mode, p.changed
		_, open := p.conns[from]
		p.mu.Unlock()
		if mode != stalled || !open {
			return open && (mode != droppingReplies || !reply)
		}
		<-changed
	}
}

func (p *Proxy) remove(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = c.Close()
	delete(p.conns, c)
}
