package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// problem is an RFC 9457 problem document. Its type is always about:blank: what a program should
// tell apart is in code.
type problem struct {
	Type      string                 `json:"type"`
	Title     string                 `json:"title"`
	Status    int                    `json:"status"`
	Detail    string                 `json:"detail"`
	Code      grapevine.Code         `json:"code"`
	Errors    []grapevine.FieldError `json:"errors,omitempty"`
	RequestID string                 `json:"requestId,omitempty"`

	retryAfter time.Duration
}

// Codes of HTTP itself, which nothing but this package can meet.
const (
	methodNotAllowed grapevine.Code = "method-not-allowed"
	requestTimeout   grapevine.Code = "request-timeout"
	headersTooLarge  grapevine.Code = "headers-too-large"
	upgradeRequired  grapevine.Code = "upgrade-required"
)

var statusOf = map[grapevine.Code]int{
	grapevine.BadRequest:         http.StatusBadRequest,
	grapevine.Forbidden:          http.StatusForbidden,
	grapevine.NotFound:           http.StatusNotFound,
	grapevine.PreconditionFailed: http.StatusPreconditionFailed,
	grapevine.TooLarge:           http.StatusRequestEntityTooLarge,
	grapevine.UnsupportedMedia:   http.StatusUnsupportedMediaType,
	grapevine.Invalid:            http.StatusUnprocessableEntity,
	grapevine.TooMany:            http.StatusTooManyRequests,
	grapevine.Unavailable:        http.StatusServiceUnavailable,
	grapevine.Internal:           http.StatusInternalServerError,
	methodNotAllowed:             http.StatusMethodNotAllowed,
	requestTimeout:               http.StatusRequestTimeout,
	headersTooLarge:              http.StatusRequestHeaderFieldsTooLarge,
	upgradeRequired:              http.StatusUpgradeRequired,
}

// An error nobody gave a public message is told in these words: its own may quote documents,
// addresses of servers, or what the client sent.
const (
	internalDetail    = "Something went wrong on our side. The log tells what, under this requestId."
	unavailableDetail = "MongoDB did not answer in time. Try again shortly."
)

// fiberErrors are the errors that Fiber and fasthttp raise themselves, by their status.
var fiberErrors = map[int]grapevine.Error{
	fiber.StatusNotFound:                    {Code: grapevine.NotFound, Message: "There is nothing at this path."},
	fiber.StatusForbidden:                   {Code: grapevine.Forbidden, Message: "This is not allowed."},
	fiber.StatusMethodNotAllowed:            {Code: methodNotAllowed, Message: "This path does not take this method; Allow names those it takes."},
	fiber.StatusRequestEntityTooLarge:       {Code: grapevine.TooLarge, Message: "The body is larger than 1 MiB."},
	fiber.StatusRequestTimeout:              {Code: requestTimeout, Message: "The request did not arrive in time."},
	fiber.StatusRequestHeaderFieldsTooLarge: {Code: headersTooLarge, Message: "The request line and headers are larger than 8 KiB."},
	fiber.StatusUpgradeRequired:             {Code: upgradeRequired, Message: "This path speaks WebSocket only."},
}

// problemOf says what a client is told about err.
func problemOf(err error) problem {
	var known grapevine.Error
	if e, ok := errors.AsType[*grapevine.Error](err); ok {
		known = *e
	} else if e, ok := errors.AsType[*fiber.Error](err); ok {
		known = fiberErrors[e.Code]
		if known.Code == "" && e.Code < http.StatusInternalServerError || e.Code == http.StatusBadGateway {
			// fasthttp's parser, whose words quote the request. 502 is how Fiber calls a client that hung up.
			known = grapevine.Error{Code: grapevine.BadRequest, Message: "The request is not well-formed HTTP."}
		}
	} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		known = grapevine.Error{Code: grapevine.Unavailable, Message: unavailableDetail}
	}
	status, ok := statusOf[known.Code]
	if !ok || status == http.StatusInternalServerError {
		known = grapevine.Error{Code: grapevine.Internal, Message: internalDetail}
		status = http.StatusInternalServerError
	}
	p := problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: sentence(known.Message), Code: known.Code, Errors: known.Fields,
	}
	if known.Code == grapevine.Invalid && len(p.Errors) == 0 {
		// Every 422 has errors; this one is about the request as a whole, which is the pointer "".
		p.Errors = []grapevine.FieldError{{Pointer: "", Detail: known.Message}}
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		p.retryAfter = max(known.RetryAfter, time.Second)
	}
	return p
}

// fail answers with the problem document of err. Headers already set stay: a missing contact is an
// answer about contacts too and carries its Position.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	p := problemOf(err)
	s.place(c, p)
	p.RequestID = requestID(c)
	s.report(c, p, err)
	secure(c) // an error of the HTTP parser has met no middleware
	if p.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	if p.Code == upgradeRequired {
		c.Set(fiber.HeaderUpgrade, "websocket")
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(p.Status).Send(body)
}

func badRequest(message string) error {
	return &grapevine.Error{Code: grapevine.BadRequest, Message: message}
}

func invalid(fields []grapevine.FieldError) error {
	return &grapevine.Error{Code: grapevine.Invalid, Message: "Some fields are not acceptable; errors names each.", Fields: fields}
}

// sentence makes one of a message that was written as Go's errors are.
func sentence(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	if size == 0 || strings.HasSuffix(message, ".") {
		return message
	}
	return string(unicode.ToUpper(first)) + message[size:] + "."
}
