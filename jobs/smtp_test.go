package jobs

import (
	"io"
	"net"
	netmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"grapevine"
)

// mailServer keeps what it takes, and refuses addresses by their local part.
type mailServer struct {
	mu   sync.Mutex
	took []*netmail.Message
	url  string
}

func (m *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{m}, nil }

type session struct{ m *mailServer }

func (*session) Reset()                               {}
func (*session) Logout() error                        { return nil }
func (*session) Mail(string, *smtp.MailOptions) error { return nil }
func (*session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch to {
	case "nobody@example.org":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user " + to}
	case "later@example.org":
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	msg, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.took = append(s.m.took, msg)
	return nil
}

func startMailServer(t *testing.T) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m := &mailServer{url: "smtp://" + l.Addr().String() + "?from=team@example.com"}
	s := smtp.NewServer(m)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return m
}

func TestMailCarriesItsIdempotencyKey(t *testing.T) {
	server := startMailServer(t)
	mailer, err := NewSMTPMailer(server.url)
	require.NoError(t, err)
	c := grapevine.Contact{ID: someContact, Kind: grapevine.Person, FirstName: "Zoë\r\nBcc: all@example.org", Email: "zoe@example.org"}
	require.NoError(t, mailer.Send(within(t, 10*time.Second), welcomeMail(&c)))
	require.Len(t, server.took, 1)
	h := server.took[0].Header
	require.Equal(t, "<welcome."+someContact+"@example.com>", h.Get("Message-Id"))
	require.Equal(t, "welcome:"+someContact, h.Get("Idempotency-Key"))
	require.Equal(t, "<zoe@example.org>", h.Get("To"))
	require.Equal(t, "<team@example.com>", h.Get("From"))
	require.Equal(t, "auto-generated", h.Get("Auto-Submitted"))
	require.Empty(t, h.Get("Bcc"), "a name cannot add a header")
	_, err = h.Date()
	require.NoError(t, err)
}

func TestWhatTheServerRefuses(t *testing.T) {
	server := startMailServer(t)
	mailer, err := NewSMTPMailer(server.url)
	require.NoError(t, err)
	send := func(to string) error { return mailer.Send(within(t, 10*time.Second), Mail{ID: "x", To: to}) }
	require.ErrorIs(t, send("nobody@example.org"), ErrPermanent)
	require.ErrorIs(t, send("not an address"), ErrPermanent)
	require.ErrorIs(t, send("a@example.org\r\nRCPT TO:<b@example.org>"), ErrPermanent)
	later := send("later@example.org")
	require.Error(t, later)
	require.NotErrorIs(t, later, ErrPermanent)
	require.Empty(t, server.took)

	away, err := NewSMTPMailer("smtp://127.0.0.1:1")
	require.NoError(t, err)
	err = away.Send(within(t, 10*time.Second), Mail{ID: "x", To: "a@example.org"})
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrPermanent)
}

func TestSMTPURLs(t *testing.T) {
	for _, good := range []string{
		"smtp://localhost", "smtp://mail.example.org:2525", "smtps://user:secret@mail.example.org",
		"smtp://user:secret@mail.example.org:587?tls=required&from=Team%20%3Cteam@example.org%3E", "smtp://[::1]:25?tls=none",
	} {
		_, err := NewSMTPMailer(good)
		require.NoError(t, err, good)
	}
	for _, bad := range []string{
		"", "localhost:25", "http://mail.example.org", "smtp://", "smtp://user:secret@host:0", "smtp://user:secret@host:99999",
		"smtp://user:secret@host:25?tls=perhaps", "smtp://user:secret@host?from=nobody", "smtp://user:secret@ho st",
	} {
		_, err := NewSMTPMailer(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "secret")
	}
}
