package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

// Clients parse these documents. A change of one is a change of the contract.
func TestProblems(t *testing.T) {
	secret := errors.New("dial tcp 10.0.0.7:27017: mongodb://user:hunter2@db/ dup key: { email: \"ada@example.com\" }")
	for name, err := range map[string]error{
		"bad-request":          badRequest("the parameter limit is a number from 1 to 200"),
		"forbidden":            &grapevine.Error{Code: grapevine.Forbidden, Message: "No."},
		"not-found":            notFound(),
		"not-found-path":       fiber.NewError(404, "Cannot GET /<script>"),
		"method-not-allowed":   fiber.ErrMethodNotAllowed,
		"upgrade-required":     fiber.ErrUpgradeRequired,
		"forbidden-fiber":      fiber.ErrForbidden,
		"request-timeout":      fiber.ErrRequestTimeout,
		"precondition-failed":  &grapevine.Error{Code: grapevine.PreconditionFailed, Message: "the contact was changed meanwhile"},
		"too-large":            fiber.ErrRequestEntityTooLarge,
		"unsupported-media":    &grapevine.Error{Code: grapevine.UnsupportedMedia, Message: "JSON, please."},
		"invalid":              fmt.Errorf("create: %w", invalid([]grapevine.FieldError{{Pointer: "/email", Detail: "is not an e-mail address"}})),
		"too-many":             &grapevine.Error{Code: grapevine.TooMany, Message: "Too many.", RetryAfter: 1500 * time.Millisecond},
		"headers-too-large":    fiber.ErrRequestHeaderFieldsTooLarge,
		"unavailable":          &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB does not answer at present", Cause: secret},
		"unavailable-deadline": fmt.Errorf("find: %w", context.DeadlineExceeded),
		"internal":             secret,
		"internal-code":        &grapevine.Error{Code: grapevine.Internal, Message: secret.Error()},
		"internal-unknown":     &grapevine.Error{Code: "new", Message: secret.Error()},
		"internal-panic":       &panicError{value: secret},
		"internal-fiber":       fiber.NewError(500, secret.Error()),
		"bad-request-fasthttp": fiber.NewError(400, "error when reading request headers: buf=\"secret\""),
		"bad-request-hung-up":  fiber.ErrBadGateway,
	} {
		t.Run(name, func(t *testing.T) {
			p := problemOf(err)
			require.NotContains(t, p.Detail, "hunter2")
			require.Equal(t, p.retryAfter > 0, p.Status == 429 || p.Status == 503)
			p.RequestID = "r"
			got, err := json.MarshalIndent(p, "", "  ")
			require.NoError(t, err)
			realtest.RequireGolden(t, filepath.Join("problems", name+".json"), string(got)+"\n")
		})
	}
}

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range []grapevine.Code{
		grapevine.BadRequest, grapevine.Forbidden, grapevine.NotFound, grapevine.PreconditionFailed, grapevine.TooLarge,
		grapevine.UnsupportedMedia, grapevine.Invalid, grapevine.TooMany, grapevine.Unavailable, grapevine.Internal,
	} {
		require.NotEmpty(t, http.StatusText(statusOf[code]), code)
	}
}
