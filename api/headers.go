package api

import (
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

// singleHeader is the value of a header that may be given once only. given is false if it is absent.
func singleHeader(c *fiber.Ctx, name string) (value string, given bool, err error) {
	values := c.Request().Header.PeekAll(name)
	if len(values) == 0 {
		return "", false, nil
	}
	if len(values) > 1 {
		return "", true, badRequest("The header " + name + " may be given once only.")
	}
	return string(values[0]), true, nil
}

func workspaceOf(c *fiber.Ctx) (string, error) {
	w, given, err := singleHeader(c, headerWorkspace)
	if err != nil || !given {
		return grapevine.DefaultWorkspace, err
	}
	if !grapevine.ValidWorkspace(w) {
		return "", badRequest("The header Workspace must be 1 to 63 lower-case letters, digits and hyphens, and must not start with a hyphen.")
	}
	return w, nil
}

// contactTarget is the workspace and id of the contact in the request.
func contactTarget(c *fiber.Ctx) (workspace, id string, err error) {
	workspace, err = workspaceOf(c)
	id = c.Params("id")
	if err == nil && !grapevine.ValidID(id) {
		err = badRequest("The id of a contact is 24 lower-case hexadecimal digits.")
	}
	return workspace, id, err
}

// minPosition is the position that the read must include. Zero means none was given.
func minPosition(c *fiber.Ctx) (grapevine.Position, error) {
	v, given, err := singleHeader(c, headerMinPosition)
	if err != nil || !given {
		return grapevine.Position{}, err
	}
	p, err := grapevine.ParsePosition(v)
	if err != nil {
		return grapevine.Position{}, badRequest("The header Min-Position must be the Position of an earlier answer.")
	}
	return p, nil
}

func idempotencyKey(c *fiber.Ctx) (string, error) {
	key, given, err := singleHeader(c, headerIdempotency)
	if err != nil || !given {
		return "", err
	}
	if key == "" || len(key) > 255 || strings.IndexFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
		return "", badRequest("The header Idempotency-Key must be 1 to 255 printable ASCII characters.")
	}
	return key, nil
}

// cacheStatusParameters are the parameters of Cache-Status (RFC 9211) for each way of answering a read.
var cacheStatusParameters = map[grapevine.CacheStatus]string{
	grapevine.CacheHit:    "hit",
	grapevine.CacheStored: "fwd=miss; stored",
	grapevine.CacheMiss:   "fwd=miss",
	grapevine.CacheBypass: "fwd=bypass",
}
