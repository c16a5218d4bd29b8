package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"grapevine/internal/tlsx"
)

// SMTPMailer sends through a mail server, with one connection per message. Safe for concurrent use.
type SMTPMailer struct {
	host   string
	from   string
	domain string
	tls    *tls.Config
	port   int

	implicitTLS bool // from the start, as smtps:// says
	options     []gomail.Option
}

// TLSConfig is the configuration of TLS, for the caller to change before the first message.
func (m *SMTPMailer) TLSConfig() *tls.Config { return m.tls }

// NewSMTPMailer reads smtp://user:password@host:port (default port 587) or smtps://… (default port 465, TLS
// from the start). The query may have from=<address> (default grapevine@<host>) and, for smtp, tls=required,
// tls=opportunistic (the default: STARTTLS if the server offers it) or tls=none. Errors never repeat the
// URL, because it holds a password.
func NewSMTPMailer(rawURL string) (*SMTPMailer, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("it is not of the form smtp://user:password@host:port or smtps://…")
	}
	m := &SMTPMailer{host: u.Hostname(), from: u.Query().Get("from"), tls: &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}}
	if m.from == "" {
		m.from = "grapevine@" + m.host
		if net.ParseIP(m.host) != nil {
			m.from = "grapevine@localhost"
		}
	}
	address, err := netmail.ParseAddress(m.from)
	if err != nil {
		return nil, fmt.Errorf("from is not an address: %w", err)
	}
	m.domain = address.Address[strings.LastIndexByte(address.Address, '@')+1:]

	port, opts, err := smtpTransport(u)
	if err != nil {
		return nil, err
	}
	m.port, m.implicitTLS = port, u.Scheme == "smtps"
	opts = append(opts, gomail.WithPort(port), gomail.WithTLSConfig(m.tls))
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(name), gomail.WithPassword(password))
	}
	m.options = opts
	if _, err := gomail.NewClient(m.host, m.options...); err != nil {
		return nil, err
	}
	return m, nil
}

func smtpTransport(u *url.URL) (port int, opts []gomail.Option, err error) {
	policies := map[string]gomail.TLSPolicy{
		"": gomail.TLSOpportunistic, "opportunistic": gomail.TLSOpportunistic,
		"required": gomail.TLSMandatory, "none": gomail.NoTLS,
	}
	switch policy, known := policies[u.Query().Get("tls")]; {
	case u.Scheme == "smtps":
		port, opts = 465, []gomail.Option{gomail.WithSSL()}
	case u.Scheme != "smtp":
		return 0, nil, errors.New("it must start with smtp:// or smtps://")
	case !known:
		return 0, nil, errors.New("tls is not one of required, opportunistic, none")
	default:
		port, opts = 587, []gomail.Option{gomail.WithTLSPolicy(policy)}
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return 0, nil, errors.New("the port is not a number from 1 to 65535")
		}
	}
	return port, opts, nil
}

// Send returns nil once the server has accepted the message. An error says whether and when to try again: [ErrPermanent],
// [ErrLater] or [ErrAway]. The message's ID becomes the Message-ID and the
// header Idempotency-Key.
func (m *SMTPMailer) Send(ctx context.Context, message Message) error {
	msg := gomail.NewMsg()
	if err := msg.From(m.from); err != nil {
		return fmt.Errorf("set the sender: %w", err)
	}
	if err := msg.To(message.To); err != nil {
		return fmt.Errorf("the contact's address cannot be used: %w", ErrPermanent) // the library's error repeats the address
	}
	msg.Subject(message.Subject)
	msg.SetDate()
	// A Message-ID may not contain a colon.
	msg.SetMessageIDWithValue(strings.ReplaceAll(message.ID, ":", ".") + "@" + m.domain)
	msg.SetGenHeader("Idempotency-Key", message.ID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // asks for no out-of-office replies
	msg.SetBodyString(gomail.TypeTextPlain, message.Text)

	limit := sendTimeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	if limit <= 0 { // ctx itself may not know it yet, if the process was stopped until now
		return fmt.Errorf("send through %s: %w", m.host, context.DeadlineExceeded)
	}
	options := append(slices.Clone(m.options), gomail.WithTimeout(limit))
	var connection net.Conn
	if !m.implicitTLS { // with TLS from the start, the library dials by itself
		options = append(options, gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			connection, err = (&net.Dialer{}).DialContext(ctx, network, address)
			return connection, err
		}))
	}
	client, err := gomail.NewClient(m.host, options...)
	if err != nil {
		return fmt.Errorf("make an SMTP client: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if connection != nil {
			_ = connection.Close() // the library leaves it open
		}
		return fmt.Errorf("open a session with %s: %w: %w", m.host, ErrAway, m.explain(ctx, err))
	}
	err = client.SendWithSMTPClient(session, msg)
	if err != nil && !msg.IsDelivered() {
		_ = session.Close()
		return fmt.Errorf("send through %s: %w: %w", m.host, kindOf(err), err)
	}
	// The server has accepted the message, so a failed goodbye must not send it again.
	if session.UpdateDeadline(goodbyeTimeout) == nil {
		_ = session.Quit()
	}
	_ = session.Close()
	return nil
}

// explain makes an error about TLS say what to do. Other errors are returned as they are.
func (m *SMTPMailer) explain(ctx context.Context, err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	ctx = context.WithoutCancel(ctx) // its time may be over, because the server does not answer
	if remedy := tlsx.Remedy(err); remedy != "" {
		return errors.New(remedy)
	}
	speaks, known := tlsx.Speaks(ctx, "tcp", net.JoinHostPort(m.host, strconv.Itoa(m.port)))
	switch {
	case known && speaks && !m.implicitTLS:
		return errors.New("the server expects TLS from the start; write smtps:// instead of smtp:// in SMTP_URL")
	case known && !speaks && m.implicitTLS:
		return errors.New("the server does not speak TLS from the start; write smtp:// instead of smtps:// in SMTP_URL")
	}
	return err
}

const (
	sendTimeout    = 15 * time.Second // of each step of a session
	goodbyeTimeout = 2 * time.Second
)
