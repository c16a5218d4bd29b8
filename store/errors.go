package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// Codes of MongoDB that decide something here.
const (
	codeBadValue         = 2
	codeIndexNotFound    = 27
	codeMaxTimeExpired   = 50
	codeValidationFailed = 121
	codeTooLarge         = 10334
	codeEmptyRange       = 51175 // min is not before max
)

// Codes that say "not this node, not now": no primary, stepping down, shutting down, no majority.
var awayCodes = []int{
	6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, // the specification's retryable ones
	24, 64, 100, 112, 133, 134, 202, 246, 251, codeMaxTimeExpired,
}

// publicError turns what a call ended with into an error the edges understand. ctx is the caller's own.
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
	err = fmt.Errorf("%s: %w", verb, err)
	var server mongo.ServerError
	isServer := errors.As(err, &server)
	switch {
	case away(err):
		return &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB does not answer at present", RetryAfter: time.Second, Cause: err}
	case noIndex(err):
		return &grapevine.Error{Code: grapevine.Unavailable, Message: "the indexes of the contacts are being made", RetryAfter: time.Second, Cause: err}
	case isServer && server.HasErrorCode(codeValidationFailed):
		return &grapevine.Error{Code: grapevine.Invalid, Message: "MongoDB's validator does not accept the contact", Cause: err}
	case isServer && (server.HasErrorCode(codeTooLarge) || server.HasErrorCode(17419) || server.HasErrorCode(17420)):
		return &grapevine.Error{Code: grapevine.TooLarge, Message: "the contact is too large to be stored", Cause: err}
	}
	return err
}

// noIndex says that a query's index is not there: the collection was dropped a moment ago and is being
// prepared again.
func noIndex(err error) bool {
	return hasCode(err, codeIndexNotFound) || hasCode(err, codeBadValue) && strings.Contains(err.Error(), "hint")
}

// away says that MongoDB could not do it now and may do it later.
func away(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || mongo.IsTimeout(err) || passing(err) ||
		errors.Is(err, mongo.ErrClientDisconnected)
}

// passing is an error that a second try may not meet: the connection broke, or the node is not, or no
// longer, the primary.
func passing(err error) bool {
	if mongo.IsNetworkError(err) {
		return true
	}
	var server mongo.ServerError
	if !errors.As(err, &server) {
		return hasLabel(err, "RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult")
	}
	return slices.ContainsFunc(server.ErrorCodes(), func(code int) bool { return slices.Contains(awayCodes, code) }) ||
		hasLabel(err, "RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult")
}

func hasLabel(err error, labels ...string) bool {
	var labeled mongo.LabeledError
	return errors.As(err, &labeled) && slices.ContainsFunc(labels, labeled.HasErrorLabel)
}
