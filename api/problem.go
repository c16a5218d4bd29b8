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

// problem is an RFC 9457 problem document. Its type is always about:blank; code is for programs.
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

// Codes of HTTP itself. Only this package uses them.
const (
	codeMethodNotAllowed grapevine.Code = "method-not-allowed"
	codeRequestTimeout   grapevine.Code = "request-timeout"
	codeHeadersTooLarge  grapevine.Code = "headers-too-large"
	codeUpgradeRequired  grapevine.Code = "upgrade-required"
	codeHTTPVersion      grapevine.Code = "http-version"
)

var statusOf = map[grapevine.Code]int{
	grapevine.BadRequest:         http.StatusBadRequest,
	grapevine.Forbidden:          http.StatusForbidden,
	grapevine.NotFound:           http.StatusNotFound,
	grapevine.Conflict:           http.StatusConflict,
	grapevine.PreconditionFailed: http.StatusPreconditionFailed,
	grapevine.TooLarge:           http.StatusRequestEntityTooLarge,
	grapevine.UnsupportedMedia:   http.StatusUnsupportedMediaType,
	grapevine.Invalid:            http.StatusUnprocessableEntity,
	grapevine.TooMany:            http.StatusTooManyRequests,
	grapevine.Unavailable:        http.StatusServiceUnavailable,
	grapevine.Internal:           http.StatusInternalServerError,
	codeMethodNotAllowed:         http.StatusMethodNotAllowed,
	codeRequestTimeout:           http.StatusRequestTimeout,
	codeHeadersTooLarge:          http.StatusRequestHeaderFieldsTooLarge,
	codeUpgradeRequired:          http.StatusUpgradeRequired,
	codeHTTPVersion:              http.StatusHTTPVersionNotSupported,
}

// Details of errors without a public message. Their own text may quote documents, server addresses or
// the request.
const (
	internalDetail    = "The server failed to answer. Its log has the reason under this requestId."
	unavailableDetail = "MongoDB did not answer in time. Try again shortly."
)

// fiberErrors are the errors that Fiber and fasthttp raise themselves, by status.
var fiberErrors = map[int]grapevine.Error{
	fiber.StatusNotFound:                    {Code: grapevine.NotFound, Message: "There is nothing at this path."},
	fiber.StatusForbidden:                   {Code: grapevine.Forbidden, Message: "This is not allowed."},
	fiber.StatusMethodNotAllowed:            {Code: codeMethodNotAllowed, Message: "This path does not support this method. The header Allow lists the methods it supports."},
	fiber.StatusRequestEntityTooLarge:       {Code: grapevine.TooLarge, Message: "The body is larger than 1 MiB."},
	fiber.StatusRequestTimeout:              {Code: codeRequestTimeout, Message: "The request did not arrive in time."},
	fiber.StatusRequestHeaderFieldsTooLarge: {Code: codeHeadersTooLarge, Message: "The headers are too large. The setting MAX_HEADER_BYTES is their limit."},
	fiber.StatusHTTPVersionNotSupported:     {Code: codeHTTPVersion, Message: "This server speaks HTTP/1.1. Send HTTP/1.1 in the request line."},
	fiber.StatusUpgradeRequired:             {Code: codeUpgradeRequired, Message: "This path is for WebSocket connections only."},
}

// problemOf makes the problem document of err.
func problemOf(err error) problem {
	var known grapevine.Error
	if e, ok := errors.AsType[*grapevine.Error](err); ok {
		known = *e
	} else if e, ok := errors.AsType[*fiber.Error](err); ok {
		known = fiberErrors[e.Code]
		if known.Code == "" && e.Code < http.StatusInternalServerError || e.Code == http.StatusBadGateway {
			// An error of fasthttp's parser, whose text quotes the request. Fiber uses 502 for a client that
			// closed the connection.
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
		Detail: toSentence(known.Message), Code: known.Code, Errors: known.Fields,
	}
	if known.Code == grapevine.Invalid && len(p.Errors) == 0 {
		// Every 422 has errors. This one concerns the whole request, which is the pointer "".
		p.Errors = []grapevine.FieldError{{Pointer: "", Detail: known.Message}}
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		p.retryAfter = max(known.RetryAfter, time.Second)
	}
	return p
}

// respondError answers with the problem document of err. Headers that are already set stay, such as the
// Position of a missing contact.
func (s *Server) respondError(c *fiber.Ctx, err error) error {
	p := problemOf(err)
	s.setErrorPosition(c, p.Status)
	p.RequestID = requestID(c)
	s.report(c, p, err)
	setSecurityHeaders(c) // here too, because errors of the HTTP parser skip the middleware
	if p.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	if p.Code == codeUpgradeRequired {
		c.Set(fiber.HeaderUpgrade, "websocket")
		c.Set(fiber.HeaderSecWebSocketVersion, "13")
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
	return &grapevine.Error{Code: grapevine.Invalid, Message: "Some fields are not acceptable. The list errors names each.", Fields: fields}
}

// toSentence turns a message in the style of Go errors into a sentence.
func toSentence(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	if size == 0 || strings.HasSuffix(message, ".") {
		return message
	}
	return string(unicode.ToUpper(first)) + message[size:] + "."
}
