package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"grapevine/internal/mongox"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// Error codes of MongoDB that the store handles.
const (
	codeBadValue          = 2
	codeIndexNotFound     = 27
	codeValidationFailed  = 121
	codeTooLarge          = 10334 // BSONObjectTooLarge
	codeTooLargeToInsert  = 17420
	codeTooLargeAfterEdit = 17419
	codeDuplicateKey      = 11000
	codeDiskFull          = 14031 // OutOfDiskSpace
	codeEmptyRange        = 51175 // min is not before max
)

// Labels of the driver's errors that say how to continue.
const (
	labelTransientTransaction = "TransientTransactionError"
	labelUnknownCommit        = "UnknownTransactionCommitResult"
	labelRetryableWrite       = "RetryableWriteError"
)

// publicError turns the error of a call into one that the API understands. ctx is the caller's.
func publicError(ctx context.Context, verb string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*grapevine.Error](err); ok {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if refused := refusal(err); refused != nil {
		return refused
	}
	err = fmt.Errorf("%s: %w", verb, err)
	if denial, denied := mongox.DenialOf(err); denied {
		return &grapevine.Error{Code: grapevine.Unavailable, Message: denial.Message(), RetryAfter: time.Second, Cause: err}
	}
	switch {
	case unavailable(err):
		return &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB does not answer at present", RetryAfter: time.Second, Cause: err}
	case mongox.HasCode(err, codeTooLarge, codeTooLargeToInsert, codeTooLargeAfterEdit):
		return &grapevine.Error{Code: grapevine.TooLarge, Message: "the contact is too large to be stored", Cause: err}
	}
	return err
}

// indexMissing reports that a query's index does not exist, because the collection was dropped and is being
// prepared again.
func indexMissing(err error) bool {
	return mongox.HasCode(err, codeIndexNotFound) || mongox.HasCode(err, codeBadValue) && strings.Contains(err.Error(), "hint")
}

// unavailable reports whether MongoDB cannot execute the command now, but perhaps later.
func unavailable(err error) bool {
	return mongox.Unavailable(err) || transient(err)
}

// transient reports an error that a second try may avoid: the connection broke, or the node is not the
// primary.
func transient(err error) bool {
	return mongo.IsNetworkError(err) || mongox.NotNow(err) ||
		hasLabel(err, labelRetryableWrite, labelTransientTransaction, labelUnknownCommit)
}

func hasLabel(err error, labels ...string) bool {
	var labeled mongo.LabeledError
	return errors.As(err, &labeled) && slices.ContainsFunc(labels, labeled.HasErrorLabel)
}
