package api

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"grapevine/internal/edge"
)

// localTargetFault is the key under which a request carries the reason why its target is refused.
const localTargetFault = "grapevine.targetFault"

// prepareRequest brings a request into the form that Fiber's router expects.
func prepareRequest(c *fasthttp.RequestCtx) {
	// Fiber answers an unknown method in plain text and skips every handler. No route handles TRACE, so a request
	// with that method gets the 405 or 404 of its path.
	if !slices.Contains(fiber.DefaultMethods, string(c.Method())) {
		c.Request.Header.SetMethod(fiber.MethodTrace)
	}
	target := string(c.Request.Header.RequestURI())
	path, fault := edge.OriginForm(target, string(c.Request.Header.Host()))
	if fault != "" {
		c.SetUserValue(localTargetFault, fault)
	} else if path != target {
		c.Request.SetRequestURI(path)
	}
}
