package grapevine

// Kind is the kind of a contact. A person has a first name, an organization has a name.
type Kind string

// The two kinds of contact.
const (
	Person       Kind = "person"
	Organization Kind = "organization"
)

// DefaultWorkspace is the workspace of a request that does not name one.
const DefaultWorkspace = "default"

// Contact is one entry of the shared list, as the API and the sockets show it. JSON leaves out an empty text.
// Tags and addresses are always lists. [ContactFields] describes the fields that clients may set.
type Contact struct {
	ID             string    `json:"id"`        // 24 hex digits, MongoDB's ObjectID
	Workspace      string    `json:"workspace"` // see [ValidWorkspace]
	Kind           Kind      `json:"kind"`
	FirstName      string    `json:"firstName,omitempty"` // required for a person
	LastName       string    `json:"lastName,omitempty"`
	Name           string    `json:"name,omitempty"` // required for an organization
	FullName       string    `json:"fullName"`       // set by the store from [Contact.DisplayName]; not stored
	Email          string    `json:"email,omitempty"`
	Phone          string    `json:"phone,omitempty"`
	Company        string    `json:"company,omitempty"`
	OrganizationID string    `json:"organizationId,omitempty"` // id of an organization in the same workspace
	Addresses      []Address `json:"addresses"`
	Tags           []string  `json:"tags"`
	Notes          string    `json:"notes,omitempty"`
	Owner          string    `json:"owner,omitempty"`
	CreatedAt      Time      `json:"createdAt"` // if absent in MongoDB: the time in the ObjectID
	UpdatedAt      Time      `json:"updatedAt"` // last write through the API; a direct edit does not change it; if absent: CreatedAt

	ETag string `json:"-"` // strong entity tag with its quotes: a hash of the stored document
}

// Address is one embedded postal address.
type Address struct {
	Label      string `json:"label,omitempty"`
	Street     string `json:"street,omitempty"`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postalCode,omitempty"`
	Country    string `json:"country,omitempty"`
}

// DisplayName is the name that people see: first and last name, or an organization's name.
func (c *Contact) DisplayName() string {
	switch {
	case c.Kind == Organization && c.Name != "":
		return c.Name
	case c.FirstName != "" && c.LastName != "":
		return c.FirstName + " " + c.LastName
	case c.FirstName != "" || c.LastName != "":
		return c.FirstName + c.LastName
	}
	return c.Name
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
