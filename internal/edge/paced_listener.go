package edge

import (
	"net"
	"net/netip"
)

// PacedListener limits what slow clients cost. It cuts off a client that sends a body or reads an answer slower than
// the pace, and limits how many clients keep the server waiting.
type PacedListener struct {
	net.Listener
	Pace Pace
	Slow *Quota // of clients that keep the server waiting
}

// Accept implements [net.Listener].
func (l *PacedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return Paced(conn, l.Pace, l.Slow), nil
}

// Paced bounds how slow the client of a connection may be. A client that is slow takes a place in slow.
func Paced(conn net.Conn, pace Pace, slow *Quota) net.Conn {
	peer, _ := netip.ParseAddrPort(conn.RemoteAddr().String()) // all clients of a Unix socket are one
	return &pacedConn{
		Conn: conn, slow: slow, client: peer.Addr(),
		sending: meter{pace: pace}, reading: meter{pace: pace},
	}
}

// LimitWriteBuffer limits the bytes that the kernel keeps for a client that reads slowly. Without a limit these are
// megabytes, and for a long time a slow client cannot be told from one that does not read.
func LimitWriteBuffer(conn net.Conn, bytes int) {
	if paced, ok := conn.(*pacedConn); ok {
		conn = paced.Conn
	}
	if tcp, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = tcp.SetWriteBuffer(bytes)
	}
}
