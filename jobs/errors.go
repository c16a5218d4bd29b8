package jobs

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/ledger"
)

// unavailableError says that MongoDB does not answer, which is not the task's fault. It uses up no retry, so
// that an outage does not end with every job in the archive.
type unavailableError struct{ error }

func (e *unavailableError) Unwrap() error { return e.error }

// classify marks errors of an unavailable MongoDB as an [unavailableError].
func classify(err error) error {
	labels, ok := errors.AsType[mongo.LabeledError](err)
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) || ok && labels.HasErrorLabel("RetryableWriteError") ||
		grapevine.ErrorCode(err) == grapevine.Unavailable {
		return &unavailableError{err}
	}
	return err
}

// Reasons to defer a task. They are values of a metric's label.
const (
	deferNotYet      = "not-yet"     // the event log has not reached the end of the minute
	deferBusy        = "busy"        // another run holds the claim
	deferUnavailable = "unavailable" // MongoDB does not answer
	deferMailAway    = "mail-away"   // the mail server takes no mail from us
	deferMailLater   = "mail-later"  // the mail server wants this mail later
	deferMailRate    = "mail-rate"   // more mails are due than MailRate allows
)

// deferReason says why a run only has to wait, which is no failure and uses up no retry. It is empty for a
// failure.
func deferReason(err error) string {
	if errors.Is(err, asynq.SkipRetry) {
		return ""
	}
	if errors.Is(err, errNotYet) {
		return deferNotYet
	}
	if later, ok := errors.AsType[*laterError](err); ok {
		return later.reason
	}
	if _, ok := errors.AsType[*ledger.HeldError](err); ok {
		return deferBusy
	}
	if _, ok := errors.AsType[*unavailableError](err); ok {
		return deferUnavailable
	}
	return ""
}

// retryDelay is the time from the n-th failure of a task to its next run. Deferred runs do not count as failures,
// so their n does not grow.
func (w *Worker) retryDelay(n int, err error) time.Duration {
	if held, ok := errors.AsType[*ledger.HeldError](err); ok {
		return min(max(time.Until(held.Until), 0)+time.Second, time.Minute)
	}
	if later, ok := errors.AsType[*laterError](err); ok {
		return later.delay
	}
	switch deferReason(err) {
	case deferNotYet:
		return 2 * time.Second
	case deferUnavailable:
		return w.cfg.RetryDelay(3, err)
	}
	return w.cfg.RetryDelay(n, err)
}

// backoff doubles from one second to ten minutes. Up to half of it is random, so that tasks that failed
// together do not run again together.
func backoff(n int) time.Duration {
	d := min(time.Second<<min(max(n, 0), 20), 10*time.Minute)
	return d/2 + rand.N(d/2+1)
}
