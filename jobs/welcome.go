package jobs

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// welcome greets a contact, at most once as far as anyone can know: see the package's description.
// The outcome is done, already (an earlier run did) or skipped (the contact is gone).
func (w *Worker) welcome(ctx context.Context, contact string) (outcome string, err error) {
	id, err := bson.ObjectIDFromHex(contact)
	if err != nil {
		return "", fmt.Errorf("%w: %w", err, ErrPermanent)
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(time.Minute)
	}
	// The run ends before Asynq's patience does: it then names its own reason, and a MongoDB that hangs
	// is told apart from a job that does.
	ctx, cancelRun := context.WithTimeout(ctx, time.Until(deadline)*4/5)
	defer cancelRun()
	by := rand.Text()
	r, err := w.ledger.claim(ctx, id, by, time.Until(deadline)+w.claimMargin)
	switch {
	case err != nil:
		return "", unlessAway(err)
	case r.State == done:
		return "already", nil
	case r.By != by:
		return "", &busyError{until: r.Until}
	}
	// The end is recorded even where the run's own time is up, and a claim is given up even by a panic.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Until(deadline)+w.claimMargin/2)
	defer cancel()
	ended := false
	defer func() {
		if !ended {
			w.release(settle, id, by)
		}
	}()
	end, note, err := w.greet(ctx, contact, r.Attempt)
	if err != nil {
		return "", err
	}
	ended = true
	held, err := w.ledger.finish(settle, id, by, end, note)
	if err != nil {
		return "", unlessAway(fmt.Errorf("the effect was had, but not recorded: %w", err))
	}
	if !held {
		w.log.Warn("a run outlived its claim; another may have had the same effect, with the same id", "contact", contact)
	}
	return string(end), nil
}

func (w *Worker) release(ctx context.Context, id bson.ObjectID, by string) {
	if err := w.ledger.release(ctx, id, by); err != nil {
		w.log.Debug("a claim stays until it runs out", "contact", id.Hex(), "error", err)
	}
}

// greet has the effect itself.
func (w *Worker) greet(ctx context.Context, contact string, attempt int) (end state, note string, err error) {
	c, found, err := w.cfg.Contacts(ctx, contact)
	if err != nil {
		return "", "", unlessAway(fmt.Errorf("read contact %s: %w", contact, err))
	}
	if !found {
		return skipped, "gone", nil
	}
	w.cfg.Crash("before-effect")
	if c.Email == "" {
		note = "no email"
	} else if err := w.cfg.Mailer.Send(ctx, welcomeMail(&c)); err != nil {
		return "", "", redacted{err, c.Email}
	}
	w.log.InfoContext(ctx, "welcome", "contact", contact, "workspace", c.Workspace, "attempt", attempt, "mail", c.Email != "")
	w.cfg.Crash("after-effect-before-ledger")
	return done, note, nil
}

// redacted is an error without the address it may repeat: Asynq keeps its text and the dashboard
// shows it.
type redacted struct {
	err     error
	address string
}

func (r redacted) Error() string {
	return strings.ReplaceAll(r.err.Error(), r.address, "the contact's address")
}

func (r redacted) Unwrap() error { return r.err }
