package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// Answers about contacts carry a Position, errors too: "there is no such contact" is an answer.

func isContactsPath(path string) bool {
	return path == "/contacts" || strings.HasPrefix(path, "/contacts/")
}

// rememberWatermark stores the watermark of the start of a contacts request, for setErrorPosition.
func (s *Server) rememberWatermark(c *fiber.Ctx) {
	if isContactsPath(c.Path()) {
		c.Locals(headerPosition, s.cfg.Watermark.Watermark())
	}
}

// setErrorPosition adds a Position to error responses about contacts. The watermark at the start of
// the request is a safe lower bound of what the error says.
func (s *Server) setErrorPosition(c *fiber.Ctx, status int) {
	if !isContactsPath(c.Path()) || len(c.Response().Header.Peek(headerPosition)) > 0 {
		return
	}
	at, remembered := c.Locals(headerPosition).(grapevine.Position)
	if !remembered { // refused before the route
		at = s.cfg.Watermark.Watermark()
	}
	if at.IsZero() && status < http.StatusInternalServerError {
		ctx, cancel := context.WithTimeout(context.Background(), watermarkWait)
		defer cancel()
		at, _ = s.cfg.Contacts.Ping(ctx) // if it fails, the answer has no Position
	}
	if !at.IsZero() {
		c.Set(headerPosition, at.String())
	}
}
