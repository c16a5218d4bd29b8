package api

import (
	"github.com/gofiber/fiber/v2"

	"grapevine/internal/edge"
)

// setSecurityHeaders sets the headers of every answer, after the handler.
func setSecurityHeaders(c *fiber.Ctx) {
	edge.SecureHeaders(&c.Response().Header)
	c.Set(fiber.HeaderXRequestID, requestID(c))
}

// requestID is the id of the request in its answer and in the log.
func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(fiber.HeaderXRequestID).(string); ok {
		return id
	}
	id := edge.RequestID(c.Get(fiber.HeaderXRequestID))
	c.Locals(fiber.HeaderXRequestID, id)
	return id
}
