package grapevine

import (
	"errors"
	"time"
)

// Code names what went wrong, as the edges (HTTP, sockets) tell it apart.
type Code string

// The codes, with the HTTP status each becomes.
const (
	BadRequest         Code = "bad-request"         // 400: malformed JSON, query, header, id or cursor
	Forbidden          Code = "forbidden"           // 403
	NotFound           Code = "not-found"           // 404
	PreconditionFailed Code = "precondition-failed" // 412: If-Match differs
	TooLarge           Code = "too-large"           // 413
	UnsupportedMedia   Code = "unsupported-media"   // 415
	Invalid            Code = "invalid"             // 422: well-formed, but fields are not acceptable
	TooMany            Code = "too-many"            // 429
	Unavailable        Code = "unavailable"         // 503: MongoDB is away
	Internal           Code = "internal"            // 500: our fault; the cause is logged, never shown
)

// FieldError names one field that is not acceptable.
type FieldError struct {
	Pointer string `json:"pointer"` // JSON pointer, such as /addresses/0/city
	Detail  string `json:"detail"`  // a sentence fit for a person
}

// Error is an error whose Message may be shown to whoever asked. What Cause wraps is for the log.
type Error struct {
	Code       Code
	Message    string
	Fields     []FieldError  // of Invalid
	RetryAfter time.Duration // of TooMany and Unavailable; zero means a second
	Cause      error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// ErrorCode is the code of the first [Error] in err's chain, Internal if there is none.
func ErrorCode(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Errors of an effect that make the watcher close its stream, look at the lease and the checkpoint again,
// and continue from there.
var (
	ErrFenced   = errors.New("the lease is held by another watcher")
	ErrTailLost = errors.New("redis lost effects that were already applied")
)

// ErrPartial says that a count is a lower bound, because a part of its time is no longer in the log of events.
var ErrPartial = errors.New("a part of that time is no longer in the log of events")
