package jobs

import (
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// SMTPMailer sends through a mail server, over a connection of its own per message.
type SMTPMailer struct {
	host    string
	from    string
	domain  string
	options []gomail.Option
}

var (
	_ Mailer = (*SMTPMailer)(nil)
	_ Mailer = LogMailer{}
)

// NewSMTPMailer reads smtp://user:password@host:port (587; STARTTLS where offered, see tls) or
// smtps://… (465; TLS from the start). The query may have from=<address> (default
// grapevine@<host>) and, for smtp, tls=required, opportunistic (the default) or none.
// Errors never repeat the URL, which holds a password.
func NewSMTPMailer(rawURL string) (*SMTPMailer, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("SMTP_URL is not of the form smtp://user:password@host:port or smtps://…")
	}
	m := &SMTPMailer{host: u.Hostname(), from: u.Query().Get("from")}
	if m.from == "" {
		m.from = "grapevine@" + m.host
		if net.ParseIP(m.host) != nil {
			m.from = "grapevine@localhost"
		}
	}
	address, err := netmail.ParseAddress(m.from)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: from is not an address: %w", err)
	}
	m.domain = address.Address[strings.LastIndexByte(address.Address, '@')+1:]

	port, opts, err := smtpTransport(u)
	if err != nil {
		return nil, err
	}
	opts = append(opts, gomail.WithPort(port))
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(name), gomail.WithPassword(password))
	}
	m.options = opts
	if _, err := gomail.NewClient(m.host, m.options...); err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
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
		return 0, nil, errors.New("SMTP_URL has neither the scheme smtp nor smtps")
	case !known:
		return 0, nil, errors.New("SMTP_URL: tls is not one of required, opportunistic, none")
	default:
		port, opts = 587, []gomail.Option{gomail.WithTLSPolicy(policy)}
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return 0, nil, errors.New("SMTP_URL: the port is not a number from 1 to 65535")
		}
	}
	return port, opts, nil
}

// Send gives the message to the server. Its ID becomes the Message-ID and the header Idempotency-Key.
func (m *SMTPMailer) Send(ctx context.Context, mail Mail) error {
	msg := gomail.NewMsg()
	if err := msg.From(m.from); err != nil {
		return fmt.Errorf("set the sender: %w", err)
	}
	if err := msg.To(mail.To); err != nil {
		return fmt.Errorf("the contact's address cannot be used: %w", ErrPermanent) // its own error repeats the address
	}
	msg.Subject(mail.Subject)
	msg.SetDate()
	// A colon may not stand in a Message-ID.
	msg.SetMessageIDWithValue(strings.ReplaceAll(mail.ID, ":", ".") + "@" + m.domain)
	msg.SetGenHeader("Idempotency-Key", mail.ID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // keeps out-of-office replies from coming back
	msg.SetBodyString(gomail.TypeTextPlain, mail.Text)

	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return fmt.Errorf("make an SMTP client: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		if refusedForGood(err) {
			return fmt.Errorf("%w: %w", ErrPermanent, err)
		}
		return fmt.Errorf("send through %s: %w", m.host, err)
	}
	return nil
}

// refusedForGood: the server answered this message with a 5xx. A 5xx to the login is about the
// settings, which somebody may put right while the retries last.
func refusedForGood(err error) bool {
	if send, ok := errors.AsType[*gomail.SendError](err); ok {
		return !send.IsTemp() && send.ErrorCode() >= 500
	}
	reply, ok := errors.AsType[*textproto.Error](err)
	return ok && (reply.Code == 550 || reply.Code == 553)
}
