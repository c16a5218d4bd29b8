package mongox

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
)

// HasCode reports whether MongoDB answered with one of the error codes.
func HasCode(err error, codes ...int) bool {
	server, ok := errors.AsType[mongo.ServerError](err)
	return ok && slices.ContainsFunc(codes, server.HasErrorCode)
}

// unavailableCodes say that this node cannot execute the command now: it is not the primary, steps down or shuts down,
// or there is no majority.
var unavailableCodes = []int{
	6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, // the retryable errors of the driver specification
	24, 50, 64, 100, 112, 117, 133, 134, 202, 246, 251, 276,
}

// NotNow reports whether MongoDB answered that it cannot execute the command now, but perhaps later.
func NotNow(err error) bool { return HasCode(err, unavailableCodes...) }

// isOfClearedPool reports whether a call got no connection, because another call could not open one. The error quotes the
// reason of that call only in its text.
func isOfClearedPool(err error) bool {
	var cleared driver.RetryablePoolError
	return errors.As(err, &cleared)
}

// Unavailable reports whether MongoDB does not answer, or answers [NotNow].
func Unavailable(err error) bool {
	return isOfClearedPool(err) || errors.Is(err, context.DeadlineExceeded) || mongo.IsNetworkError(err) || mongo.IsTimeout(err) || errors.Is(err, mongo.ErrClientDisconnected) || NotNow(err)
}
