package app

import (
	"context"
	"fmt"

	"grapevine"
	"grapevine/jobs"
	"grapevine/mail"
)

// Values of WELCOME.
const (
	welcomeAll  = "all"
	welcomeAPI  = "api"
	welcomeNone = "none"
)

// unwantedWelcome says why WELCOME gives a contact no mail. The ledger keeps the text.
func (a *App) unwantedWelcome(ctx context.Context, c *grapevine.Contact) (reason string, err error) {
	switch a.config.Welcome {
	case welcomeNone:
		return "no mail is wanted: WELCOME is none", nil
	case welcomeAPI:
		made, err := a.store.MadeByAPI(ctx, c.ID)
		if err != nil || made {
			return "", err
		}
		return "no mail is wanted: the contact was made by a direct edit, and WELCOME is api", nil
	}
	return "", nil
}

// mailRate is zero, which means no limit, while mails are only logged.
func (c *Config) mailRate() float64 {
	if c.SMTPURL == "" {
		return 0
	}
	return c.MailRate
}

func (a *App) mailer() (jobs.Mailer, error) {
	server, err := a.config.mailServer()
	if err != nil {
		return nil, err
	}
	if server == nil {
		return mail.LogMailer{Logger: a.log.With("part", "mail")}, nil
	}
	return server, a.config.Certificates.apply(server.TLSConfig())
}

// mailServer reads SMTP_URL. Its error holds no secret. Without the setting it is nil.
func (c *Config) mailServer() (server *mail.SMTPMailer, err error) {
	if c.SMTPURL == "" {
		return nil, nil
	}
	parse := func(uri string) (err error) {
		server, err = mail.NewSMTPMailer(uri)
		return err
	}
	if err := c.SMTPURL.Check(parse); err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return server, nil
}
