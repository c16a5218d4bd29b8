package api

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/transfer"
)

// readBody reads a JSON object into a struct. Members that the struct does not have are named, not ignored, and so are
// values of another type.
func readBody(c *fiber.Ctx, into any) error {
	if err := checkMediaType(c, fiber.MIMEApplicationJSON); err != nil {
		return err
	}
	tree, err := transfer.DecodeJSON(c.Request().Body()) // strict about doubled names and broken text, unlike the decoder below
	if err != nil {
		return err
	}
	if _, isObject := tree.(map[string]any); !isObject {
		return invalidField("", "must be an object")
	}
	decoder := json.NewDecoder(strings.NewReader(string(c.Request().Body())))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalidField(strings.ReplaceAll(wrong.Field, ".", "/"), "must be "+typeNames[wrong.Type.Kind().String()])
	}
	if err != nil {
		return decodeError(err)
	}
	return nil
}

// decodeError names the member of which a decoder says `json: unknown field "x"`. Its other errors are those of a type's
// own text, such as a time.
func decodeError(err error) error {
	if _, quoted, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return invalidField(strings.Trim(quoted, `"`), "is unknown")
	}
	return invalidField("", "has a value of the wrong form; a time is written as 2026-11-30T12:00:00Z")
}

// typeNames are words for the kinds of Go.
var typeNames = map[string]string{
	"string": "a text", "bool": "true or false", "slice": "a list", "struct": "an object", "ptr": "of another type", "int": "a number",
}

// invalidField is the error of one member of a body.
func invalidField(name, detail string) error {
	pointer := ""
	if name != "" {
		pointer = "/" + name
	}
	return invalid([]grapevine.FieldError{{Pointer: pointer, Detail: detail}})
}

// respondPrivate answers with JSON that no cache may keep.
func respondPrivate(c *fiber.Ctx, status int, body any) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(status).JSON(body)
}

// respondDone answers a change that has nothing to show.
func respondDone(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendStatus(fiber.StatusNoContent)
}

// items is the answer of a list.
func items[T any](list []T) fiber.Map {
	if list == nil {
		list = []T{}
	}
	return fiber.Map{"items": list}
}
