package jobs

import (
	"errors"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// busyError: another run holds the claim on this contact.
type busyError struct{ until time.Time }

func (b *busyError) Error() string {
	return "another run is at it until " + b.until.UTC().Format(time.RFC3339)
}

// awayError: MongoDB does not answer. That says nothing about this task, so however long it lasts it
// uses up no retry: an outage must not end with every job in the archive.
type awayError struct{ error }

func (a *awayError) Unwrap() error { return a.error }

func unlessAway(err error) error {
	labels, ok := errors.AsType[mongo.LabeledError](err)
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) || ok && labels.HasErrorLabel("RetryableWriteError") ||
		grapevine.ErrorCode(err) == grapevine.Unavailable {
		return &awayError{err}
	}
	return err
}

// waits names why a task that did not run has only to wait, which is no failure and uses up no retry;
// empty for a failure.
func waits(err error) string {
	if errors.Is(err, errNotYet) {
		return "not-yet"
	}
	if _, ok := errors.AsType[*busyError](err); ok {
		return "busy"
	}
	if _, ok := errors.AsType[*awayError](err); ok {
		return "unavailable"
	}
	return ""
}

func (w *Worker) retryDelay(n int, err error) time.Duration {
	if busy, ok := errors.AsType[*busyError](err); ok {
		return min(max(time.Until(busy.until), 0)+time.Second, time.Minute)
	}
	switch waits(err) {
	case "not-yet":
		return 2 * time.Second
	case "unavailable":
		return w.cfg.RetryDelay(3, err) // it is not counted, so it cannot grow
	}
	return w.cfg.RetryDelay(n, err)
}

// backoff doubles from a second to ten minutes; the random half keeps tasks that failed together from
// coming back together.
func backoff(n int) time.Duration {
	d := min(time.Second<<min(max(n, 0), 20), 10*time.Minute)
	return d/2 + rand.N(d/2+1)
}
