package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/ledger"
	"grapevine/mail"
)

// outcomeAlready is the outcome of a run that found the effect applied by an earlier one.
const outcomeAlready = "already"

// welcome sends one mail to a contact. The package's documentation describes the one case in which a contact gets a
// second mail. The outcome is done, skipped (the contact no longer exists, or no mail is wanted) or already.
func (w *Worker) welcome(ctx context.Context, contact string) (outcome string, err error) {
	id, err := bson.ObjectIDFromHex(contact)
	if err != nil {
		return "", fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(time.Minute)
	}
	// Stop at 4/5 of Asynq's deadline, so that the error says what timed out: MongoDB or the mail server.
	ctx, cancel := context.WithTimeout(ctx, time.Until(deadline)*4/5)
	defer cancel()
	claim, err := w.ledger.Claim(ctx, id, deadline)
	switch {
	case errors.Is(err, ledger.ErrDone):
		return outcomeAlready, nil
	case err != nil:
		return "", classify(err)
	}
	defer claim.Release(ctx)
	state, note, err := w.sendWelcome(ctx, contact, claim)
	if err != nil {
		return "", err
	}
	err = claim.Finish(ctx, state, note)
	switch {
	case errors.Is(err, ledger.ErrClaimLost):
		w.log.Warn("a welcome took longer than its claim; another run may have sent the same mail, with the same id", "contact", contact)
	case err != nil:
		return "", classify(fmt.Errorf("record the welcome, which was sent: %w", err))
	}
	return string(state), nil
}

func (w *Worker) sendWelcome(ctx context.Context, contact string, claim *ledger.Claim) (state ledger.State, note string, err error) {
	c, found, err := w.cfg.Contacts(ctx, contact)
	if err != nil {
		return "", "", classify(fmt.Errorf("read contact %s: %w", contact, err))
	}
	if !found {
		return ledger.Skipped, "gone", nil
	}
	unwanted, err := w.cfg.Unwanted(ctx, &c)
	switch {
	case err != nil:
		return "", "", classify(fmt.Errorf("find out whether contact %s gets a mail: %w", contact, err))
	case unwanted != "":
		return ledger.Skipped, unwanted, nil
	case c.Email == "":
		w.cfg.Crash("before-effect")
		note = "no email"
	default:
		if err := w.sendMail(ctx, welcomeMail(&c), claim); err != nil {
			return "", "", redactedError{err, c.Email}
		}
	}
	w.log.InfoContext(ctx, "welcome", "contact", contact, "workspace", c.Workspace, "attempt", claim.Attempt, "hasEmail", c.Email != "")
	w.cfg.Crash("after-effect-before-ledger")
	return ledger.Done, note, nil
}

func welcomeMail(c *grapevine.Contact) mail.Message {
	name := c.DisplayName()
	if c.Kind != grapevine.Organization && c.FirstName != "" {
		name = c.FirstName
	}
	if name == "" {
		name = "and welcome"
	}
	return mail.Message{
		ID: WelcomeTaskID(c.ID), To: c.Email,
		Subject: "Welcome to our contacts",
		Text:    "Hello " + name + ",\n\nyou have just been added to our contact list.\n",
	}
}

// redactedError hides the address in an error's text, because Asynq stores the text and the dashboard shows
// it.
type redactedError struct {
	err     error
	address string
}

func (r redactedError) Error() string {
	return strings.ReplaceAll(r.err.Error(), r.address, "the contact's address")
}

func (r redactedError) Unwrap() error { return r.err }
