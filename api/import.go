package api

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// importBound is for one import: as many contacts as the store takes in one transaction.
const importBound = 30 * time.Second

const (
	typeCSV   = "text/csv"
	typeVCard = "text/vcard"
	typeLines = "application/x-ndjson"
)

var readers = map[string]func([]byte) ([]line, fieldErrors){
	typeCSV: readCSV, typeVCard: readVCards, typeLines: readLines,
}

// importContacts creates every contact of a file, or none and says what is wrong with which line.
func (s *Server) importContacts(c *fiber.Ctx) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	media, err := mediaType(c, typeCSV, typeVCard, typeLines)
	if err != nil {
		return err
	}
	body := c.Request().Body()
	if !utf8.Valid(body) {
		return badRequest("The file is not valid UTF-8.")
	}
	contacts, numbers, bad := contactsOf(body, media, workspace)
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

func notImported(bad fieldErrors) error {
	return &grapevine.Error{Code: grapevine.Invalid, Message: "Nothing was imported; errors names each line that is not acceptable.", Fields: bad.bounded()}
}

// onLines brings the pointers of [Importer], which begin with the place of the contact among those it
// was given, to the lines of the file.
func onLines(fields []grapevine.FieldError, numbers []int) (bad fieldErrors) {
	for _, f := range fields {
		place, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if i, err := strconv.Atoi(place); err == nil && i >= 0 && i < len(numbers) {
			f.Pointer = linePointer(numbers[i]) + "/" + rest
		}
		bad = append(bad, f)
	}
	return bad
}

// contactsOf reads a file of one of the known types into contacts of the workspace, checked, with the
// line each begins on.
func contactsOf(body []byte, media, workspace string) (contacts []grapevine.Contact, numbers []int, bad fieldErrors) {
	lines, bad := readers[media](body)
	for _, l := range lines {
		c := l.contact
		c.Workspace = workspace
		switch {
		case c.Kind != "":
		case c.FirstName == "" && c.Name != "":
			c.Kind = grapevine.Organization
		default:
			c.Kind = grapevine.Person
		}
		if e, ok := errors.AsType[*grapevine.Error](check(&c, l.bad)); ok {
			for _, f := range e.Fields {
				bad.add(linePointer(l.number)+f.Pointer, f.Detail)
			}
		}
		contacts, numbers = append(contacts, c), append(numbers, l.number)
	}
	return contacts, numbers, bad
}

// readLines reads one JSON object a line.
func readLines(body []byte) (lines []line, bad fieldErrors) {
	number := 0
	for text := range bytes.SplitSeq(body, []byte{'\n'}) {
		number++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		v, err := decodeJSON(text)
		if e, ok := errors.AsType[*grapevine.Error](err); ok {
			bad.add(linePointer(number), e.Message)
			continue
		}
		contact, wrong := contactFrom(v)
		lines = append(lines, line{number: number, contact: contact, bad: wrong})
	}
	return lines, bad
}

func linePointer(number int) string { return "/lines/" + strconv.Itoa(number) }
