package api

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/transfer"
)

// importTimeout is for one import, which the store writes in one transaction.
const importTimeout = 30 * time.Second

// importContacts creates every contact of a file. If one is not acceptable it creates none, and the
// error names each bad line.
func (s *Server) importContacts(c *fiber.Ctx) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	media, err := mediaType(c, transfer.CSV, transfer.VCard, transfer.JSONLines)
	if err != nil {
		return err
	}
	end, err := s.takeTurn(c.UserContext())
	if err != nil {
		return err
	}
	defer end()
	body := c.Request().Body()
	if !utf8.Valid(body) {
		return badRequest("The file is not valid UTF-8.")
	}
	file := transfer.Read(body, media, workspace, grapevine.MaxImport)
	switch {
	case file.TooMany:
		return &grapevine.Error{Code: grapevine.TooLarge, Message: fmt.Sprintf("The file contains more than %d contacts. Nothing was imported. Split the file.", grapevine.MaxImport)}
	case !file.Errors.None():
		return notImported(file.Errors)
	case len(file.Contacts) == 0:
		return &grapevine.Error{Code: grapevine.Invalid, Message: "The file contains no contacts."}
	}
	n, at, err := s.cfg.Contacts.CreateMany(c.UserContext(), file.Contacts)
	if e, ok := errors.AsType[*grapevine.Error](err); ok && e.Code == grapevine.Invalid {
		return notImported(onLines(e.Fields, file.Lines))
	} else if ok && e.Code == grapevine.Conflict {
		bad := onLines(e.Fields, file.Lines)
		return &grapevine.Error{Code: e.Code, Message: "Nothing was imported: " + e.Message, Fields: bad.List(), Cause: err}
	}
	if err != nil {
		return err
	}
	s.setWriteHeaders(c, at)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"imported": n})
}

func notImported(bad transfer.FileErrors) error {
	return &grapevine.Error{Code: grapevine.Invalid, Message: "Nothing was imported. The list errors names each line that is not acceptable.", Fields: bad.List()}
}

// onLines turns the pointers of an error of [Importer], which begin with the index of a contact, into
// pointers that begin with its line in the file.
func onLines(fields []grapevine.FieldError, lines []int) (bad transfer.FileErrors) {
	for _, f := range fields {
		index, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(lines) {
			f.Pointer = transfer.LinePointer(lines[i]) + "/" + rest
		}
		bad.Add(f.Pointer, f.Detail)
	}
	return bad
}
