package mail_test

import (
	"context"
	"io"
	"net"
	netmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"grapevine/mail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mailServer keeps the messages it accepts. It refuses two addresses, one of them for good.
type mailServer struct {
	mu       sync.Mutex
	accepted []*netmail.Message
	url      string
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
	s.m.accepted = append(s.m.accepted, msg)
	return nil
}

const someContact = "6560c1d2e3f4a5b6c7d8e9f0"

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
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
	mailer, err := mail.NewSMTPMailer(server.url)
	require.NoError(t, err)
	require.NoError(t, mailer.Send(within(t, 10*time.Second), mail.Message{
		ID: "welcome:" + someContact, To: "zoe@example.org",
		Subject: "Welcome,\r\nBcc: all@example.org", Text: "Hello Zoë\r\nBcc: all@example.org",
	}))
	require.Len(t, server.accepted, 1)
	h := server.accepted[0].Header
	require.Equal(t, "<welcome."+someContact+"@example.com>", h.Get("Message-Id"))
	require.Equal(t, "welcome:"+someContact, h.Get("Idempotency-Key"))
	require.Equal(t, "<zoe@example.org>", h.Get("To"))
	require.Equal(t, "<team@example.com>", h.Get("From"))
	require.Equal(t, "auto-generated", h.Get("Auto-Submitted"))
	require.Empty(t, h.Get("Bcc"), "neither subject nor text can add a header")
	_, err = h.Date()
	require.NoError(t, err)
}

func TestRefusedAddresses(t *testing.T) {
	server := startMailServer(t)
	mailer, err := mail.NewSMTPMailer(server.url)
	require.NoError(t, err)
	send := func(to string) error { return mailer.Send(within(t, 10*time.Second), mail.Message{ID: "x", To: to}) }
	require.ErrorIs(t, send("nobody@example.org"), mail.ErrPermanent)
	require.ErrorIs(t, send("not an address"), mail.ErrPermanent)
	require.ErrorIs(t, send("a@example.org\r\nRCPT TO:<b@example.org>"), mail.ErrPermanent)
	later := send("later@example.org")
	require.Error(t, later)
	require.NotErrorIs(t, later, mail.ErrPermanent)
	require.Empty(t, server.accepted)

	unreachable, err := mail.NewSMTPMailer("smtp://127.0.0.1:1")
	require.NoError(t, err)
	err = unreachable.Send(within(t, 10*time.Second), mail.Message{ID: "x", To: "a@example.org"})
	require.Error(t, err)
	require.NotErrorIs(t, err, mail.ErrPermanent)
}

func TestSMTPURLs(t *testing.T) {
	for _, good := range []string{
		"smtp://localhost", "smtp://mail.example.org:2525", "smtps://user:secret@mail.example.org",
		"smtp://user:secret@mail.example.org:587?tls=required&from=Team%20%3Cteam@example.org%3E", "smtp://[::1]:25?tls=none",
	} {
		_, err := mail.NewSMTPMailer(good)
		require.NoError(t, err, good)
	}
	for _, bad := range []string{
		"", "localhost:25", "http://mail.example.org", "smtp://", "smtp://user:secret@host:0", "smtp://user:secret@host:99999",
		"smtp://user:secret@host:25?tls=perhaps", "smtp://user:secret@host?from=nobody", "smtp://user:secret@ho st",
	} {
		_, err := mail.NewSMTPMailer(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "secret")
	}
}

// lateContext is a context whose deadline has passed before its timer ran, as after a stop of the process.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

// Nil would mean that the server has accepted the message.
func TestSendAfterTheDeadlineIsAnError(t *testing.T) {
	mailer, err := mail.NewSMTPMailer("smtp://127.0.0.1:1?tls=none")
	require.NoError(t, err)
	ctx := lateContext{within(t, time.Minute)}
	require.NoError(t, ctx.Err())
	err = mailer.Send(ctx, mail.Message{ID: "welcome:" + someContact, To: "ada@example.org", Subject: "Hello", Text: "Hello"})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
