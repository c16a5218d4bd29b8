package api

import (
	"mime"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

const (
	headerWorkspace   = "Workspace"
	headerPosition    = "Position"
	headerMinPosition = "Min-Position"
	headerCacheStatus = "Cache-Status"
	headerIdempotency = "Idempotency-Key"
)

// single is a header that may be given once; given tells an empty one from none.
func single(c *fiber.Ctx, name string) (value string, given bool, err error) {
	values := c.Request().Header.PeekAll(name)
	if len(values) == 0 {
		return "", false, nil
	}
	if len(values) > 1 {
		return "", true, badRequest("The header " + name + " may be given once.")
	}
	return string(values[0]), true, nil
}

func workspaceOf(c *fiber.Ctx) (string, error) {
	w, given, err := single(c, headerWorkspace)
	if err != nil || !given {
		return grapevine.DefaultWorkspace, err
	}
	if !grapevine.ValidWorkspace(w) {
		return "", badRequest("The header Workspace is 1 to 63 lower-case letters, digits and hyphens, not starting with a hyphen.")
	}
	return w, nil
}

// target is the contact in the request's path.
func target(c *fiber.Ctx) (workspace, id string, err error) {
	workspace, err = workspaceOf(c)
	id = c.Params("id")
	if err == nil && !grapevine.ValidID(id) {
		err = badRequest("A contact's id is 24 lower-case hexadecimal digits.")
	}
	return workspace, id, err
}

// minPosition is the position a read must not be before; zero where none was asked for.
func minPosition(c *fiber.Ctx) (grapevine.Position, error) {
	v, given, err := single(c, headerMinPosition)
	if err != nil || !given {
		return grapevine.Position{}, err
	}
	p, err := grapevine.ParsePosition(v)
	if err != nil {
		return grapevine.Position{}, badRequest("The header Min-Position is not a position as an answer's Position gives it.")
	}
	return p, nil
}

func idempotencyKey(c *fiber.Ctx) (string, error) {
	key, given, err := single(c, headerIdempotency)
	if err != nil || !given {
		return "", err
	}
	if key == "" || len(key) > 255 || strings.IndexFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
		return "", badRequest("The header Idempotency-Key is 1 to 255 printable ASCII characters.")
	}
	return key, nil
}

// mediaType refuses a body that does not say it is one of the allowed types. It is also what keeps a
// plain HTML form of another site out.
func mediaType(c *fiber.Ctx, allowed ...string) (string, error) {
	given, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	charset := params["charset"]
	if err == nil && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		for _, a := range allowed {
			if given == a {
				return a, nil
			}
		}
	}
	return "", &grapevine.Error{
		Code:    grapevine.UnsupportedMedia,
		Message: "The body's Content-Type must be " + strings.Join(allowed, " or ") + ", in UTF-8.",
	}
}
