package api

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// ifMatch is the condition of a write, nil if there is none.
func ifMatch(c *fiber.Ctx) ([]string, error) {
	if len(c.Request().Header.PeekAll(fiber.HeaderIfNoneMatch)) > 0 {
		// If it were ignored, "If-None-Match: *" would overwrite what the client wanted to keep.
		return nil, badRequest("The header If-None-Match is for GET and HEAD. Use If-Match for a write.")
	}
	return etagCondition(c, fiber.HeaderIfMatch)
}

// etagCondition is the list of entity tags in a header, nil if the header is absent.
func etagCondition(c *fiber.Ctx, name string) ([]string, error) {
	values := c.Request().Header.PeekAll(name)
	if len(values) == 0 {
		return nil, nil
	}
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	tags, ok := grapevine.ParseETags(strings.Join(all, ","))
	if !ok {
		return nil, badRequest("The header " + name + " must be * or a list of entity tags.")
	}
	return tags, nil
}

// etagOf is the strong entity tag of a body that is not one document, such as a list.
func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}
