package tables

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"grapevine"
)

// target is where the cells of a column go. The zero value leaves the column out.
type target struct {
	field  string // a field of a contact, or one of those below
	number int    // of the entry in a list whose label and value have columns of their own; zero means each value is an entry
	label  string // of the entry
	part   string // of an address, or of a date; labelPart of an entry with a number
}

// Targets that are no fields of a contact.
const (
	fullName      = "fullName" // a person's whole name, or an organization's name
	photo         = "photo"    // not kept
	custom        = "custom"
	labelPart     = "label"
	streetPart    = "street"
	formattedPart = "formatted" // the whole address, used where it has no other part
)

// choices are fields whose meaning depends on the other columns. See [resolve].
const (
	fullOrLastName  = "fullName|lastName"
	fullOrFirstName = "fullName|firstName"
	titleOrPrefix   = "title|prefix"
)

var textTargets = []string{
	"kind", "prefix", "firstName", "middleName", "lastName", "suffix", "nickname", fullName, "name", "company", "department",
	"title", "organizationId", "notes", "tags", "owner", "uid",
}

var (
	listTargets  = []string{"emails", "phones", "urls", "dates", "related", custom}
	addressParts = []string{streetPart, "city", "region", "postalCode", "country", formattedPart}
	dateParts    = []string{"year", "month", "day"}
)

// validFields tells a person what the parameter columns takes.
var validFields = strings.Join(textTargets, ", ") + ", " + strings.Join(listTargets, ", ") +
	" (each of these lists also with a label, such as emails.work, or with the number of an entry and its label, such as emails.1 and emails.1.label), addresses." +
	strings.Join(addressParts, ", addresses.") + " (also with a label or a number, such as addresses.home.city), or nothing to leave a column out"

// parseField reads the notation of a target, such as firstName, emails.work, phones.2.label or addresses.home.city.
func parseField(text string) (target, error) {
	field, rest, dotted := strings.Cut(text, ".")
	t := target{field: field}
	switch {
	case text == "" || !dotted && slices.Contains(textTargets, field):
		return t, nil
	case text == photo: // so that each guess can be given back
		return t, nil
	case text == "email" || text == "phone" || text == "url":
		return target{field: text + "s"}, nil
	case field == "addresses":
		t.number, rest = cutNumber(rest)
		if t.number > 0 && rest == labelPart {
			t.part = labelPart
			return t, nil
		}
		t.label, t.part = cutLast(rest)
		if rest == "" {
			t.part = streetPart
		}
		if slices.Contains(addressParts, t.part) {
			return t, nil
		}
	case slices.Contains(listTargets, field):
		if dotted && rest == "" {
			break
		}
		t.number, t.label = cutNumber(rest)
		if field == "dates" {
			if label, part := cutLast(t.label); slices.Contains(dateParts, part) {
				t.label, t.part = label, part
			}
		}
		if t.number > 0 && t.label == labelPart {
			t.label, t.part = "", labelPart
		}
		return t, nil
	}
	return target{}, fmt.Errorf("there is no field %q; the fields are %s", text, validFields)
}

// String is the notation that parseField reads.
func (t target) String() string {
	parts := []string{t.field}
	if t.number > 0 {
		parts = append(parts, strconv.Itoa(t.number))
	}
	for _, part := range []string{t.label, t.part} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ".")
}

// cutNumber takes the number of an entry from the beginning of a notation.
func cutNumber(text string) (number int, rest string) {
	first, rest, _ := strings.Cut(text, ".")
	if n, err := strconv.Atoi(first); err == nil && n > 0 && n <= 1000 {
		return n, rest
	}
	return 0, text
}

// cutLast takes the part behind the last point.
func cutLast(text string) (before, last string) {
	i := strings.LastIndexByte(text, '.')
	return text[:max(i, 0)], text[i+1:]
}

// targetsOf gives each column of the parameter columns its target.
func targetsOf(columns []string) ([]target, error) {
	targets := make([]target, len(columns))
	for i, text := range columns {
		t, err := parseField(strings.TrimSpace(text))
		if err != nil {
			return nil, &grapevine.Error{
				Code:    grapevine.BadRequest,
				Message: fmt.Sprintf("The parameter columns, at place %d: %v.", i+1, err),
			}
		}
		targets[i] = t
	}
	return targets, nil
}
