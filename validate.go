package grapevine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxContactBytes limits all text of one contact together. The limits of the fields count characters, which
// take up to four bytes each, and a contact larger than 64 kB would not be broadcast.
const MaxContactBytes = 48 << 10

// Validate normalizes a contact: text becomes Unicode NFC without surrounding blanks and without characters that
// reverse its surroundings; empty or repeated texts of a list and empty records are dropped. It then returns nil, or
// an [Error] with code [Invalid] that names every field that is not acceptable. It does not check that the organization
// exists; the store does.
func (c *Contact) Validate() error { return c.validate(ContactFields, ContactFields) }

// ValidateEdit is [Contact.Validate] for the fields in which c differs from before. All others stay as they are: a
// direct edit may have stored values that the API does not accept, and they must not prevent a change of other fields.
func (c *Contact) ValidateEdit(before *Contact) error {
	changed := slices.DeleteFunc(slices.Clone(ContactFields), func(f *Field) bool { return f.Equal(before, c) })
	counted := ContactFields
	if before.TextBytes() > MaxContactBytes {
		counted = changed
	}
	return c.validate(changed, counted)
}

// validate normalizes and checks some fields, and limits the text of those in counted.
func (c *Contact) validate(fields, counted []*Field) error {
	var v validator
	for _, f := range fields {
		v.normalize(f, c)
	}
	for _, f := range fields {
		v.checkRules(f, c)
	}
	v.checkCallable(fields, c)
	if c.textBytes(counted) > MaxContactBytes {
		v.add("", fmt.Sprintf("all text of a contact together must not be more than %d bytes", MaxContactBytes))
	}
	if len(v.errors) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: "the contact has fields that are not acceptable", Fields: v.errors}
}

// validator collects at most one error for each pointer.
type validator struct {
	errors []FieldError
	named  map[string]bool // the pointers in errors; nil while there are none
}

func (v *validator) add(pointer, detail string) {
	if v.named[pointer] {
		return
	}
	if v.named == nil {
		v.named = map[string]bool{}
	}
	v.named[pointer] = true
	v.errors = append(v.errors, FieldError{Pointer: pointer, Detail: detail})
}

// normalize brings free text into its normal form and checks its length and its characters.
func (v *validator) normalize(f *Field, c *Contact) {
	pointer := "/" + f.Name
	switch f.Type {
	case TextField:
		if f.Max > 0 {
			v.text(pointer, f.Text(c), f.Max, f.Controls)
		}
	case TextsField:
		v.texts(pointer, f, c)
	case RecordsField:
		v.records(pointer, f, c)
	case IDField: // checkRules looks at its form
	}
}

func (v *validator) text(pointer string, value *string, limit int, controls string) {
	if !utf8.ValidString(*value) {
		v.add(pointer, "is not valid UTF-8")
		return
	}
	*value = strings.TrimSpace(norm.NFC.String(balanceDirections(*value)))
	if utf8.RuneCountInString(*value) > limit {
		v.add(pointer, fmt.Sprintf("must not be longer than %d characters", limit))
	}
	if strings.ContainsFunc(*value, func(c rune) bool { return isUnacceptable(c, controls) }) {
		v.add(pointer, "must not contain control characters or code points that are not characters")
	}
	if *value != "" && !hasVisible(*value) {
		v.add(pointer, "has no character that a person can see")
	}
}

func (v *validator) texts(pointer string, f *Field, c *Contact) {
	list := f.Texts(c)
	kept := make([]string, 0, min(len(*list), f.MaxEntries)) // the caller's array stays as it is
	for i, text := range *list {
		v.text(pointer+"/"+strconv.Itoa(i), &text, f.Max, f.Controls)
		if text != "" && !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
		if len(kept) > f.MaxEntries {
			v.add(pointer, fmt.Sprintf("must not be more than %d", f.MaxEntries))
			return
		}
	}
	*list = kept
}

func (v *validator) records(pointer string, f *Field, c *Contact) {
	n := f.Records.Len(c)
	if n > f.MaxEntries {
		v.add(pointer, fmt.Sprintf("must not be more than %d", f.MaxEntries))
		return
	}
	f.Records.Copy(c) // the caller's array stays as it is
	for i := range n {
		for j, sub := range f.Records.SubFields() {
			v.text(pointer+"/"+strconv.Itoa(i)+"/"+sub.Name, f.Records.Text(c, i, j), sub.Max, sub.Controls)
		}
	}
	v.recordRules(pointer, f, c)
	f.Records.Compact(c)
}

// recordRules looks at the meaning of the texts of each record.
func (v *validator) recordRules(pointer string, f *Field, c *Contact) {
	for i := range f.Records.Len(c) {
		for j, sub := range f.Records.SubFields() {
			switch text := *f.Records.Text(c, i, j); {
			case text == "" && sub.Required:
				v.add(pointer+"/"+strconv.Itoa(i)+"/"+sub.Name, "is missing")
			case text != "" && sub.problem != nil:
				if problem := sub.problem(text); problem != "" {
					v.add(pointer+"/"+strconv.Itoa(i)+"/"+sub.Name, problem)
				}
			}
		}
	}
}

// callable are the fields of which a person needs at least one.
var callable = []string{"prefix", "firstName", "middleName", "lastName", "suffix", "nickname", "name", "company", "emails", "phones"}

// checkCallable refuses a person without anything to be called by, if one of these fields is judged.
func (v *validator) checkCallable(fields []*Field, c *Contact) {
	judged := slices.ContainsFunc(fields, func(f *Field) bool { return slices.Contains(callable, f.Name) })
	if judged && c.Kind == Person && c.DisplayName() == "" {
		v.add("/firstName", "a person needs a name, a nickname, a company, an e-mail address or a phone number")
	}
}

// TextBytes counts the bytes of all free text, which [MaxContactBytes] limits.
func (c *Contact) TextBytes() int { return c.textBytes(ContactFields) }

// textBytes counts the bytes of the free text in some fields.
func (c *Contact) textBytes(fields []*Field) (n int) {
	for _, f := range fields {
		switch f.Type {
		case TextField:
			if f.Max > 0 {
				n += len(*f.Text(c))
			}
		case TextsField:
			for _, text := range *f.Texts(c) {
				n += len(text)
			}
		case RecordsField:
			for i := range f.Records.Len(c) {
				for j := range f.Records.SubFields() {
					n += len(*f.Records.Text(c, i, j))
				}
			}
		case IDField:
		}
	}
	return n
}

// checkRules looks at the meaning of a text.
func (v *validator) checkRules(f *Field, c *Contact) {
	pointer := "/" + f.Name
	if f.RequiredFor != "" && f.RequiredFor == c.Kind && f.Empty(c) {
		v.add(pointer, f.Missing)
	}
	if len(f.Enum) > 0 && !slices.Contains(f.Enum, *f.Text(c)) {
		v.add(pointer, "must be "+strings.Join(f.Enum, " or "))
	}
	if f.problem != nil {
		if problem := f.problem(c); problem != "" {
			v.add(pointer, problem)
		}
	}
}

func workspaceProblem(c *Contact) string {
	if ValidWorkspace(c.Workspace) {
		return ""
	}
	return "must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen"
}

// EmailProblem says why a text is not an e-mail address, or "" if it is one. It is mild, because addresses that
// people really have break the RFC, such as a..b@docomo.example.
func EmailProblem(address string) string {
	switch local, domain, found := strings.Cut(address, "@"); {
	case !found:
		return "is not an e-mail address: it has no @"
	case local == "" || domain == "" || strings.Contains(domain, "@"):
		return "is not an e-mail address: it needs one @ between two texts"
	case strings.ContainsFunc(address, unicode.IsSpace):
		return "is not an e-mail address: it contains a blank"
	}
	return ""
}

// dateProblem accepts a day with or without a year.
func dateProblem(date string) string {
	full := date
	if day, found := strings.CutPrefix(date, "--"); found {
		full = "2000-" + day // a leap year
	}
	if _, err := time.Parse(time.DateOnly, full); err != nil {
		return "must be a date such as 2026-04-12, or --04-12 without a year"
	}
	return ""
}

func organizationProblem(c *Contact) string {
	switch {
	case c.OrganizationID == "":
	case !ValidID(c.OrganizationID):
		return "must be the id of a contact: 24 lower-case hex digits"
	case c.OrganizationID == c.ID:
		return "a contact cannot belong to itself"
	}
	return ""
}
