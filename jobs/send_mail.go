package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"

	"grapevine/internal/retry"
	"grapevine/ledger"
	"grapevine/mail"
)

// errMailRate says that more mails are due than MailRate allows.
var errMailRate = errors.New("more mails are due than the rate allows")

// longestRateWait is how long a run waits for its turn before it makes room for other jobs.
const longestRateWait = 4 * time.Second

// sendMail sends a mail, if it may be sent now. A mail that only has to wait is a [laterError], until it has been tried
// for [mailTries].
func (w *Worker) sendMail(ctx context.Context, message mail.Message, claim *ledger.Claim) error {
	err := w.mailPause.begin()
	if err == nil {
		if err := w.waitForMailRate(ctx); err != nil {
			w.mailPause.abandon()
			return err
		}
		w.cfg.Crash("before-effect")
		err = w.cfg.Mailer.Send(ctx, message)
		w.mailPause.done(err)
		switch {
		case errors.Is(err, mail.ErrAway):
			err = &laterError{err, deferMailAway, w.mailPause.waiting()}
		case errors.Is(err, mail.ErrLater):
			err = &laterError{err, deferMailLater, mailBackoff(claim.Attempt)}
		}
	}
	if later, ok := errors.AsType[*laterError](err); ok && claim.Tried > mailTries {
		return fmt.Errorf("the mail server has not taken this mail for five days, so it is not tried any more: %w: %w", later.error, asynq.SkipRetry)
	}
	return err
}

// waitForMailRate waits for this mail's turn.
func (w *Worker) waitForMailRate(ctx context.Context) error {
	if w.mailRate == nil {
		return nil
	}
	turn := w.mailRate.Reserve()
	if delay := turn.Delay(); delay <= longestRateWait {
		return retry.Sleep(ctx, delay)
	}
	turn.Cancel()
	if err := retry.Sleep(ctx, longestRateWait); err != nil { // otherwise the whole queue would pass by at full speed
		return err
	}
	return &laterError{errMailRate, deferMailRate, time.Second + rand.N(10*time.Second)}
}
