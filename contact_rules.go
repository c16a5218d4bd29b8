package grapevine

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Caps of a contact's fields, in characters, and of its lists, in entries.
const (
	MaxName      = 200 // firstName, lastName, name, company, owner and each field of an address
	MaxEmail     = 254
	MaxPhone     = 40
	MaxNotes     = 4096
	MaxTag       = 64
	MaxTags      = 50
	MaxAddresses = 20

	// MaxContactBytes bounds all text of one contact together: the caps above count characters, which
	// take up to four bytes each, and a contact that is larger than 64 kB would not be broadcast.
	MaxContactBytes = 48 << 10
)

// Validate brings a contact into its normal form (text in Unicode NFC without surrounding blanks, no
// empty or repeated tags, no empty addresses) and then says what is not acceptable: nil, or an
// [Error] with code [Invalid] that names every bad field. It looks at nothing outside the contact, so
// whether the organization exists is for the store to say.
func (c *Contact) Validate() error {
	r := rules{}
	r.text("/firstName", &c.FirstName, MaxName, "")
	r.text("/lastName", &c.LastName, MaxName, "")
	r.text("/name", &c.Name, MaxName, "")
	r.text("/email", &c.Email, MaxEmail, "")
	r.text("/phone", &c.Phone, MaxPhone, "")
	r.text("/company", &c.Company, MaxName, "")
	r.text("/notes", &c.Notes, MaxNotes, "\n\t")
	r.text("/owner", &c.Owner, MaxName, "")
	r.addresses(c)
	r.tags(c)

	if !ValidWorkspace(c.Workspace) {
		r.bad("/workspace", "must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen")
	}
	switch c.Kind {
	case Person:
		if c.FirstName == "" {
			r.bad("/firstName", "a person needs a first name")
		}
	case Organization:
		if c.Name == "" {
			r.bad("/name", "an organization needs a name")
		}
	default:
		r.bad("/kind", "must be person or organization")
	}
	if c.Email != "" && !validEmail(c.Email) {
		r.bad("/email", "is not an e-mail address")
	}
	switch {
	case c.OrganizationID == "":
	case !ValidID(c.OrganizationID):
		r.bad("/organizationId", "must be the id of a contact: 24 lower-case hex digits")
	case c.OrganizationID == c.ID:
		r.bad("/organizationId", "a contact cannot belong to itself")
	}
	if r.bytes > MaxContactBytes {
		r.bad("", fmt.Sprintf("all text of a contact together must not be more than %d bytes", MaxContactBytes))
	}
	if len(r.fields) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: "the contact has fields that are not acceptable", Fields: r.fields}
}

// rules gathers what is wrong, at most one finding a field, in the order of the fields.
type rules struct {
	fields []FieldError
	bytes  int
}

func (r *rules) bad(pointer, detail string) {
	if !slices.ContainsFunc(r.fields, func(f FieldError) bool { return f.Pointer == pointer }) {
		r.fields = append(r.fields, FieldError{Pointer: pointer, Detail: detail})
	}
}

// text normalises one value; controls lists the control characters it may hold.
func (r *rules) text(pointer string, value *string, limit int, controls string) {
	if !utf8.ValidString(*value) {
		r.bad(pointer, "is not valid UTF-8")
		return
	}
	*value = strings.TrimSpace(norm.NFC.String(*value))
	r.bytes += len(*value)
	if utf8.RuneCountInString(*value) > limit {
		r.bad(pointer, fmt.Sprintf("must not be longer than %d characters", limit))
	}
	if strings.ContainsFunc(*value, func(c rune) bool { return unicode.IsControl(c) && !strings.ContainsRune(controls, c) }) {
		r.bad(pointer, "must not contain control characters")
	}
}

func (r *rules) addresses(c *Contact) {
	if len(c.Addresses) > MaxAddresses {
		r.bad("/addresses", fmt.Sprintf("must not be more than %d", MaxAddresses))
		return
	}
	kept := make([]Address, 0, len(c.Addresses)) // the caller's array is not ours to change
	for i, a := range c.Addresses {
		at := "/addresses/" + strconv.Itoa(i)
		r.text(at+"/label", &a.Label, MaxName, "")
		r.text(at+"/street", &a.Street, MaxName, "\n")
		r.text(at+"/city", &a.City, MaxName, "")
		r.text(at+"/region", &a.Region, MaxName, "")
		r.text(at+"/postalCode", &a.PostalCode, MaxName, "")
		r.text(at+"/country", &a.Country, MaxName, "")
		if a != (Address{}) {
			kept = append(kept, a)
		}
	}
	c.Addresses = kept
}

func (r *rules) tags(c *Contact) {
	kept := make([]string, 0, min(len(c.Tags), MaxTags))
	for i, tag := range c.Tags {
		r.text("/tags/"+strconv.Itoa(i), &tag, MaxTag, "")
		if tag != "" && !slices.Contains(kept, tag) {
			kept = append(kept, tag)
		}
		if len(kept) > MaxTags {
			r.bad("/tags", fmt.Sprintf("must not be more than %d", MaxTags))
			return
		}
	}
	c.Tags = kept
}

// validEmail accepts a bare address: no display name, no angle brackets, no comment.
func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s
}
