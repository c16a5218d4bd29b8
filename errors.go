package grapevine

import (
	"errors"
	"strings"
	"time"
)

// Code classifies an error for HTTP and sockets.
type Code string

// The codes, each with its HTTP status.
const (
	BadRequest         Code = "bad-request"         // 400: malformed JSON, query, header, id or cursor
	Forbidden          Code = "forbidden"           // 403
	NotFound           Code = "not-found"           // 404
	Conflict           Code = "conflict"            // 409: an index that somebody added to MongoDB does not accept the contact
	PreconditionFailed Code = "precondition-failed" // 412: If-Match differs
	TooLarge           Code = "too-large"           // 413
	UnsupportedMedia   Code = "unsupported-media"   // 415
	Invalid            Code = "invalid"             // 422: well-formed, but some fields are not acceptable
	TooMany            Code = "too-many"            // 429
	Unavailable        Code = "unavailable"         // 503: MongoDB does not answer
	Internal           Code = "internal"            // 500: a fault of the server; the cause is logged and not shown
)

// FieldError names one field that is not acceptable.
type FieldError struct {
	Pointer string `json:"pointer"` // JSON pointer, such as /addresses/0/city
	Detail  string `json:"detail"`  // a text for people
}

func (f FieldError) String() string {
	if f.Pointer == "" {
		return f.Detail
	}
	return strings.TrimPrefix(f.Pointer, "/") + ": " + f.Detail
}

// Error is an error with a Message for the client. Cause is for the log only.
type Error struct {
	Code       Code
	Message    string
	Fields     []FieldError  // of Invalid and Conflict
	RetryAfter time.Duration // of TooMany and Unavailable; zero means one second
	Cause      error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Text is the message with the fields, without the cause. It is for people who cannot see the fields in another way.
func (e *Error) Text() string {
	parts := []string{e.Message}
	for _, field := range e.Fields {
		parts = append(parts, field.String())
	}
	return strings.Join(parts, "; ")
}

func (e *Error) Unwrap() error { return e.Cause }

// ErrorCode is the code of the first [Error] in err's chain, or Internal.
func ErrorCode(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Errors of an effect. After one of them the watcher closes its stream, reads the lease and the checkpoint again, and
// continues from there.
var (
	ErrFenced   = errors.New("the lease is held by another watcher")
	ErrTailLost = errors.New("redis lost effects that were already applied")
)

// ErrPartial says that a count is a lower bound, because the event log no longer covers all of its time.
var ErrPartial = errors.New("the event log no longer covers all of that time")
