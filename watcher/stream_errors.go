package watcher

import (
	"errors"

	"grapevine/internal/mongox"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Error codes of MongoDB that decide what becomes of the stream.
var (
	historyLostCodes = []int{
		286, // ChangeStreamHistoryLost: the token left the oplog
		136, // CappedPositionLost: the oplog overtook the open cursor
		280, // ChangeStreamFatalError: the token is of another stream
		260, // InvalidResumeToken
	}
	settingsCodes = []int{codeUnauthorized, 18, 8000, 40573} // no permission, failed login, no replica set
	oversizedCode = []int{10334}                             // BSONObjectTooLarge: a change and its images exceed 16 MB
	stageCode     = []int{40324}                             // the server does not know a stage of the pipeline
)

// isHistoryLost reports whether the changes after the token can no longer be read.
func isHistoryLost(err error) bool { return mongox.HasCode(err, historyLostCodes...) }

// isOversized reports whether a change does not fit into an event with its images.
func isOversized(err error) bool { return mongox.HasCode(err, oversizedCode...) }

// isUnknownStage reports whether the server is too old for a stage of the pipeline.
func isUnknownStage(err error) bool { return mongox.HasCode(err, stageCode...) }

// isRefused reports whether the server understood the request and refused it. Network errors, timeouts, a
// node that is no primary and missing permissions do not count. If the server refuses again and again, the
// token is the cause.
func isRefused(err error) bool {
	server, ok := errors.AsType[mongo.ServerError](err)
	if !ok || mongo.IsNetworkError(err) || mongo.IsTimeout(err) {
		return false
	}
	if server.HasErrorLabel("ResumableChangeStreamError") || server.HasErrorLabel("RetryableWriteError") {
		return false
	}
	return !mongox.HasCode(err, settingsCodes...)
}
