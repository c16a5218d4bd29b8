package api

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/transfer"
)

// importBound is for one import: as many contacts as the store takes in one transaction.
const importBound = 30 * time.Second

// importContacts creates every contact of a file, or none and says what is wrong with which line.
func (s *Server) importContacts(c *fiber.Ctx) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	media, err := mediaType(c, transfer.CSV, transfer.VCard, transfer.JSONLines)
	if err != nil {
		return err
	}
	body := c.Request().Body()
	if !utf8.Valid(body) {
		return badRequest("The file is not valid UTF-8.")
	}
	contacts, numbers, bad := transfer.Read(body, media, workspace)
	if len(bad) > 0 {
		return notImported(bad)
	}
	if len(contacts) == 0 {
		return &grapevine.Error{Code: grapevine.Invalid, Message: "The file holds no contacts."}
	}
	n, at, err := s.cfg.Contacts.CreateMany(c.UserContext(), contacts)
	if e, ok := errors.AsType[*grapevine.Error](err); ok && e.Code == grapevine.Invalid {
		return notImported(onLines(e.Fields, numbers))
	}
	if err != nil {
		return err
	}
	s.wrote(c, at)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"imported": n})
}

func notImported(bad transfer.FieldErrors) error {
	return &grapevine.Error{Code: grapevine.Invalid, Message: "Nothing was imported; errors names each line that is not acceptable.", Fields: bad.Bounded()}
}

// onLines brings the pointers of [Importer], which begin with the place of the contact among those it
// was given, to the lines of the file.
func onLines(fields []grapevine.FieldError, numbers []int) (bad transfer.FieldErrors) {
	for _, f := range fields {
		place, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if i, err := strconv.Atoi(place); err == nil && i >= 0 && i < len(numbers) {
			f.Pointer = transfer.LinePointer(numbers[i]) + "/" + rest
		}
		bad = append(bad, f)
	}
	return bad
}
