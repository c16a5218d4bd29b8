package grapevine

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is the kind of a contact. An organization has a name; a person has anything that it can be called by.
type Kind string

// The two kinds of contact.
const (
	Person       Kind = "person"
	Organization Kind = "organization"
)

// DefaultWorkspace is the workspace of a request that does not name one.
const DefaultWorkspace = "default"

// Contact is one entry of the shared list, as the API and the sockets show it. JSON leaves out an empty text. Lists are
// never nil. The first entry of a list is the preferred one. [ContactFields] describes the fields that clients may set.
type Contact struct {
	ID             string    `json:"id"`        // 24 hex digits, MongoDB's ObjectID
	Workspace      string    `json:"workspace"` // see [ValidWorkspace]
	Kind           Kind      `json:"kind"`
	Prefix         string    `json:"prefix,omitempty"` // such as Dr.
	FirstName      string    `json:"firstName,omitempty"`
	MiddleName     string    `json:"middleName,omitempty"`
	LastName       string    `json:"lastName,omitempty"`
	Suffix         string    `json:"suffix,omitempty"` // such as Jr.
	Nickname       string    `json:"nickname,omitempty"`
	Name           string    `json:"name,omitempty"` // of an organization, which must have it
	FullName       string    `json:"fullName"`       // virtual; see [Contact.SetVirtual]
	Company        string    `json:"company,omitempty"`
	Department     string    `json:"department,omitempty"`
	Title          string    `json:"title,omitempty"`          // job title
	OrganizationID string    `json:"organizationId,omitempty"` // id of an organization in the same workspace
	Email          string    `json:"email,omitempty"`          // virtual: the value of the first e-mail
	Phone          string    `json:"phone,omitempty"`          // virtual: the value of the first phone
	Emails         []Entry   `json:"emails"`
	Phones         []Entry   `json:"phones"`
	URLs           []Entry   `json:"urls"`
	Addresses      []Address `json:"addresses"`
	Dates          []Entry   `json:"dates"`   // 2026-04-12, or --04-12 without a year
	Related        []Entry   `json:"related"` // people by name
	Custom         []Entry   `json:"custom"`  // anything that no other field takes
	Tags           []string  `json:"tags"`
	Notes          string    `json:"notes,omitempty"`
	Owner          string    `json:"owner,omitempty"`
	UID            string    `json:"uid,omitempty"` // of the vCard that brought the contact; not unique; if absent in MongoDB: the id
	CreatedAt      Time      `json:"createdAt"`     // if absent in MongoDB: the time in the ObjectID
	UpdatedAt      Time      `json:"updatedAt"`     // last write through the API; a direct edit does not change it; if absent: CreatedAt

	ETag string `json:"-"` // strong entity tag with its quotes: a hash of the stored document
}

// Entry is one value with its label, such as an e-mail address for work. The label is free text and may be absent.
type Entry struct {
	Label string `json:"label,omitempty"`
	Value string `json:"value"`
}

// Address is one embedded postal address. The street may have several lines.
type Address struct {
	Label      string `json:"label,omitempty"`
	Street     string `json:"street,omitempty"`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postalCode,omitempty"`
	Country    string `json:"country,omitempty"`
}

// DisplayName is the name that people see: an organization's name or a person's names, else anything that the contact
// can be called by.
func (c *Contact) DisplayName() string {
	if c.Kind == Organization && c.Name != "" {
		return c.Name
	}
	names := slices.DeleteFunc([]string{c.Prefix, c.FirstName, c.MiddleName, c.LastName, c.Suffix}, func(s string) bool { return s == "" })
	return cmp.Or(strings.Join(names, " "), c.Nickname, c.Name, c.Company, firstValue(c.Emails), firstValue(c.Phones))
}

// SetVirtual sets the fields that are not stored because they follow from others.
func (c *Contact) SetVirtual() {
	c.FullName, c.Email, c.Phone = c.DisplayName(), firstValue(c.Emails), firstValue(c.Phones)
}

func firstValue(list []Entry) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].Value
}

// ValidWorkspace reports whether s is a workspace id: ^[a-z0-9][a-z0-9-]{0,62}$.
func ValidWorkspace(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// ValidID reports whether s is a contact id: 24 lower-case hex digits.
func ValidID(s string) bool {
	if len(s) != 24 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'f') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// Idempotency makes a repeated create return the contact of the first. The zero value means no key.
type Idempotency struct {
	Key         string // chosen by the client: at most 255 printable ASCII characters
	Fingerprint string // hash of the request; the same key with another fingerprint is Invalid
}
