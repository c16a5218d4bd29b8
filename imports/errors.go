package imports

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/mongox"
)

// callTimeout bounds a call of MongoDB that reads or writes one document.
const callTimeout = 10 * time.Second

// Codes of a cursor that is gone, as after a change of the primary. A new reading of the file has a new one.
const (
	codeCursorNotFound = 43
	codeCursorKilled   = 237
)

// call bounds do, and turns its error into one that the API understands.
func call(ctx context.Context, verb string, do func(ctx context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return publicError(ctx, verb, do(limited))
}

// publicError turns the error of MongoDB into one that the API understands. ctx is the caller's.
func publicError(ctx context.Context, verb string, err error) error {
	if err == nil || errors.Is(err, errClaimLost) {
		return err
	}
	if _, known := errors.AsType[*grapevine.Error](err); known {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Cause(ctx)
	}
	if errors.Is(err, mongo.ErrFileNotFound) {
		return &grapevine.Error{Code: grapevine.Invalid, Message: "The file of the import is gone. Send it again.", Cause: err}
	}
	err = fmt.Errorf("%s: %w", verb, err)
	message := "MongoDB does not answer at present"
	denial, denied := mongox.DenialOf(err)
	if denied {
		message = denial.Message()
	}
	if denied || mongox.Unavailable(err) || mongox.HasCode(err, codeCursorNotFound, codeCursorKilled) {
		return &grapevine.Error{Code: grapevine.Unavailable, Message: message, RetryAfter: time.Second, Cause: err}
	}
	return err
}

// messageOf is the text of a known error for people, without its cause.
func messageOf(err error) string {
	known, ok := errors.AsType[*grapevine.Error](err)
	if !ok {
		return "the log of the instance has the reason"
	}
	return known.Text()
}
