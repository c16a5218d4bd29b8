// Package mail sends messages: [SMTPMailer] through a mail server, [LogMailer] into the log.
package mail

import (
	"context"
	"log/slog"
)

// Message is one mail. ID is its idempotency key, the same for every attempt to send it, so that a receiver
// that honours the key delivers once.
type Message struct {
	ID      string // such as welcome:6560c1d2e3f4a5b6c7d8e9f0
	To      string // one address
	Subject string
	Text    string // plain text
}

// LogMailer logs that it would have sent a message. It does not log the address, because logs are often
// kept where contacts must not be.
type LogMailer struct {
	Logger *slog.Logger
}

// Send writes one line.
func (l LogMailer) Send(ctx context.Context, m Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.Logger.InfoContext(ctx, "mail not sent, because SMTP_URL is not set", "id", m.ID, "subject", m.Subject)
	return nil
}
