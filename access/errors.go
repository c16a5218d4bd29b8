package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/mongox"
)

const codeValidationFailed = 121 // DocumentValidationFailure

// callTimeout bounds one call of MongoDB, or one transaction with its retries.
const callTimeout = 5 * time.Second

// call runs something with a time limit and makes its error public. verb begins the text of the error, such as "read the
// users".
func call(ctx context.Context, verb string, do func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return publicError(ctx, verb, do(limited))
}

// publicError turns an error of MongoDB into one that the API understands. ctx is the caller's. A MongoDB that does not
// answer is Unavailable, never Unauthorized: nobody is signed out by an outage.
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
	if denial, denied := mongox.DenialOf(err); denied {
		return &grapevine.Error{Code: grapevine.Unavailable, Message: denial.Message(), RetryAfter: time.Second, Cause: err}
	}
	if mongox.Unavailable(err) || hasLabel(err, labelTransient) || hasLabel(err, labelUnknownCommit) {
		return &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB does not answer at present", RetryAfter: time.Second, Cause: err}
	}
	if mongox.HasCode(err, codeValidationFailed) {
		return &grapevine.Error{Code: grapevine.Conflict, Message: "MongoDB keeps this document as it is, because it does not fit the schema of its collection. Correct it in mongosh first.", Cause: err}
	}
	return err
}

// invalid is an error about one field of a request.
func invalid(field, detail string) error {
	return &grapevine.Error{
		Code: grapevine.Invalid, Message: "the field " + field + " is not acceptable",
		Fields: []grapevine.FieldError{{Pointer: "/" + field, Detail: detail}},
	}
}

func refuse(code grapevine.Code, message string) error {
	return &grapevine.Error{Code: code, Message: message}
}

func forbidden(message string) error { return refuse(grapevine.Forbidden, message) }

func isDuplicate(err error) bool { return mongo.IsDuplicateKeyError(err) }

func isAbsent(err error) bool { return errors.Is(err, mongo.ErrNoDocuments) }
