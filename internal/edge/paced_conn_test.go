package edge

import (
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testPace is 20 kB a second.
var testPace = Pace{Window: 600 * time.Millisecond, Bytes: 12_000}

// pair is a connection of a PacedListener and its client.
func pair(t *testing.T, slow *Quota) (server net.Conn, client *net.TCPConn) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer inner.Close()
	dialed, err := net.Dial("tcp", inner.Addr().String())
	require.NoError(t, err)
	server, err = (&PacedListener{Listener: inner, Pace: testPace, Slow: slow}).Accept()
	require.NoError(t, err)
	client, _ = dialed.(*net.TCPConn)
	t.Cleanup(func() { _ = server.Close(); _ = client.Close() })
	LimitWriteBuffer(server, 16<<10)
	require.NoError(t, client.SetReadBuffer(16<<10))
	return server, client
}

// every calls do at each tick until it fails or the test ends.
func every(t *testing.T, tick time.Duration, do func() error) {
	t.Helper()
	go func() {
		for t.Context().Err() == nil && do() == nil {
			time.Sleep(tick) // the rate of a client
		}
	}()
}

// receive reads n bytes of a body.
func receive(t *testing.T, server net.Conn, n int) error {
	t.Helper()
	require.NoError(t, server.SetReadDeadline(time.Now().Add(BodyTimeout)))
	_, err := io.ReadFull(server, make([]byte, n))
	return err
}

func TestBodyOfASteadyClientIsRead(t *testing.T) {
	t.Parallel()
	slow := NewQuota(1, 1)
	server, client := pair(t, slow)
	start := time.Now()
	every(t, 20*time.Millisecond, func() error { _, err := client.Write(make([]byte, 2000)); return err })
	require.NoError(t, receive(t, server, 140_000))
	require.Greater(t, time.Since(start), 2*testPace.Window, "the whole takes longer than a window")
	require.NoError(t, server.SetReadDeadline(time.Now().Add(time.Second))) // the next request
	require.Zero(t, slow.Taken())
}

func TestBodyOfASlowClientIsCutOff(t *testing.T) {
	t.Parallel()
	for name, piece := range map[string]int{"silent": 0, "a byte now and then": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client := pair(t, NewQuota(1, 1))
			if piece > 0 {
				every(t, 50*time.Millisecond, func() error { _, err := client.Write(make([]byte, piece)); return err })
			}
			require.NoError(t, server.SetReadDeadline(time.Now().Add(BodyTimeout)))
			n, err := 1, error(nil)
			for n > 0 { // like fasthttp, which drops an error that comes with bytes
				n, err = server.Read(make([]byte, 100_000))
			}
			require.ErrorIs(t, err, ErrTooSlow)
		})
	}
}

// The limit of anything but a body is a whole, so that a client cannot keep a connection by sending its headers slowly.
func TestOtherReadsHaveTheirDeadline(t *testing.T) {
	t.Parallel()
	server, client := pair(t, NewQuota(1, 1))
	every(t, 10*time.Millisecond, func() error { _, err := client.Write(make([]byte, 2000)); return err })
	require.NoError(t, receive(t, server, 4000))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	_, err := io.ReadFull(server, make([]byte, 1<<20))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NotErrorIs(t, err, ErrTooSlow)
}

func TestAnswerToASteadyClientIsWritten(t *testing.T) {
	t.Parallel()
	slow := NewQuota(1, 1)
	server, client := pair(t, slow)
	start := time.Now()
	every(t, 20*time.Millisecond, func() error { _, err := client.Read(make([]byte, 8000)); return err })
	n, err := server.Write(make([]byte, 800_000))
	require.NoError(t, err)
	require.Equal(t, 800_000, n)
	require.Greater(t, time.Since(start), 2*testPace.Window, "the whole takes longer than a window")
	require.Zero(t, slow.Taken())
}

func TestAnswerToASlowClientIsCutOff(t *testing.T) {
	t.Parallel()
	for name, piece := range map[string]int{"does not read": 0, "a byte now and then": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slow := NewQuota(1, 1)
			server, client := pair(t, slow)
			if piece > 0 {
				every(t, 50*time.Millisecond, func() error { _, err := client.Read(make([]byte, piece)); return err })
			}
			n, err := server.Write(make([]byte, 1<<20))
			require.ErrorIs(t, err, ErrTooSlow)
			require.Less(t, n, 1<<20)
			require.Zero(t, slow.Taken())
		})
	}
}

// A client cannot pause for longer than the window, also if the kernel took much just before.
func TestAnswerEndsAfterAPause(t *testing.T) {
	t.Parallel()
	server, _ := pair(t, NewQuota(1, 1))
	start := time.Now()
	_, err := server.Write(make([]byte, 8<<20))
	require.ErrorIs(t, err, ErrTooSlow)
	require.Less(t, time.Since(start), 2*testPace.Window)
}

// There is a limited number of slow clients. A further one is not waited for.
func TestSlowClientsAreCounted(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]func(*testing.T, net.Conn) error{
		"senders": func(t *testing.T, server net.Conn) error { t.Helper(); return receive(t, server, 100) },
		"readers": func(_ *testing.T, server net.Conn) error { _, err := server.Write(make([]byte, 1<<20)); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quota := NewQuota(1, 1)
			require.True(t, quota.Take(netip.MustParseAddr("192.0.2.1"), 1))
			server, _ := pair(t, quota)
			start := time.Now()
			require.ErrorIs(t, slow(t, server), errTooManySlow)
			require.Less(t, time.Since(start), testPace.Window)
		})
	}
}

// The owner of a WebSocket bounds its connection itself.
func TestDeadlinesOfAnotherOwnerCount(t *testing.T) {
	t.Parallel()
	server, _ := pair(t, NewQuota(1, 1))
	require.NoError(t, server.SetDeadline(time.Time{}))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(BodyTimeout)))
	require.NoError(t, server.SetWriteDeadline(time.Now().Add(3*testPace.Window)))
	start := time.Now()
	_, err := server.Write(make([]byte, 8<<20))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.Greater(t, time.Since(start), 2*testPace.Window)
}
