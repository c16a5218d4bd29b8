package watcher

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// historyLost reports whether what stands after the token can no longer be had.
func historyLost(err error) bool {
	for _, code := range []int{
		286, // ChangeStreamHistoryLost: the token left the oplog while nobody read
		136, // CappedPositionLost: the oplog overtook the open cursor
		280, // ChangeStreamFatalError: the token is of another stream
		260, // InvalidResumeToken
	} {
		if server, ok := errors.AsType[mongo.ServerError](err); ok && server.HasErrorCode(code) {
			return true
		}
	}
	return false
}

// refused reports whether the server understood and said no: not a network that failed, a node that
// is no primary or a call that took too long. Such a no, again and again, is about the token.
func refused(err error) bool {
	server, ok := errors.AsType[mongo.ServerError](err)
	if !ok || mongo.IsNetworkError(err) || mongo.IsTimeout(err) {
		return false
	}
	if server.HasErrorLabel("ResumableChangeStreamError") || server.HasErrorLabel("RetryableWriteError") {
		return false
	}
	for _, settings := range []int{13, 18, 8000, 40573} { // not authorized, failed login, no replica set
		if server.HasErrorCode(settings) {
			return false
		}
	}
	return true
}
