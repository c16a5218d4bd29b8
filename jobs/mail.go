package jobs

import (
	"context"
	"errors"
	"log/slog"

	"grapevine"
)

// Mail is one message. ID is its idempotency key: the same for every attempt to send it, so that a
// receiver who honours it delivers once.
type Mail struct {
	ID      string // such as welcome:6560c1d2e3f4a5b6c7d8e9f0
	To      string // one address, as the contact has it
	Subject string
	Text    string // plain text
}

// Mailer sends mail. nil means that it was taken over for delivery. Safe for concurrent use, and done
// when ctx is.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// ErrPermanent is in the chain of a Mailer's error when no retry can help, such as an address the
// server refuses for good. The task is then archived at once.
var ErrPermanent = errors.New("permanent failure")

// LogMailer only says that it would have sent a message. It names no address: logs are kept where
// contacts are not.
type LogMailer struct {
	Logger *slog.Logger
}

// Send writes one line.
func (l LogMailer) Send(ctx context.Context, m Mail) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.Logger.InfoContext(ctx, "mail (mock)", "id", m.ID, "subject", m.Subject)
	return nil
}

func welcomeMail(c *grapevine.Contact) Mail {
	name := c.DisplayName()
	if c.Kind != grapevine.Organization && c.FirstName != "" {
		name = c.FirstName
	}
	if name == "" {
		name = "and welcome"
	}
	return Mail{
		ID: welcomePrefix + c.ID, To: c.Email,
		Subject: "Welcome to our contacts",
		Text:    "Hello " + name + ",\n\nyou have just been added to our contact list.\n",
	}
}
