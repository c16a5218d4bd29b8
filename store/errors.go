package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// Codes of MongoDB that decide something here.
const (
	codeMaxTimeExpired   = 50
	codeValidationFailed = 121
	codeTooLarge         = 10334
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
	case isServer && server.HasErrorCode(codeValidationFailed):
		return &grapevine.Error{Code: grapevine.Invalid, Message: "MongoDB's validator does not accept the contact", Fields: failedRules(err), Cause: err}
	case isServer && (server.HasErrorCode(codeTooLarge) || server.HasErrorCode(17419) || server.HasErrorCode(17420)):
		return &grapevine.Error{Code: grapevine.TooLarge, Message: "the contact is too large to be stored", Cause: err}
	}
	return err
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

// failedRules reads from the validator's report which fields it did not accept.
func failedRules(err error) (fields []grapevine.FieldError) {
	var details bson.Raw
	if e, ok := errors.AsType[mongo.CommandError](err); ok {
		details, _ = e.Raw.Lookup("errInfo").DocumentOK()
	}
	if e, ok := errors.AsType[mongo.WriteException](err); ok && len(e.WriteErrors) > 0 {
		details = e.WriteErrors[0].Details
	}
	rules, _ := details.Lookup("details", "schemaRulesNotSatisfied").ArrayOK()
	values, _ := rules.Values()
	for _, rule := range values {
		doc, _ := rule.DocumentOK()
		for list, key := range map[string]string{"propertiesNotSatisfied": "propertyName", "missingProperties": ""} {
			names, _ := doc.Lookup(list).ArrayOK()
			entries, _ := names.Values()
			for _, entry := range entries {
				name, ok := entry.StringValueOK()
				if key != "" {
					property, _ := entry.DocumentOK()
					name, ok = property.Lookup(key).StringValueOK()
				}
				if ok {
					fields = append(fields, grapevine.FieldError{Pointer: "/" + name, Detail: "is not accepted by MongoDB's validator"})
				}
			}
		}
	}
	slices.SortFunc(fields, func(a, b grapevine.FieldError) int {
		if a.Pointer < b.Pointer {
			return -1
		}
		return 1
	})
	return fields
}
