package grapevine

// Kind discriminates contacts: a person has a first name, an organization a name.
type Kind string

// The two kinds of contact.
const (
	Person       Kind = "person"
	Organization Kind = "organization"
)

// DefaultWorkspace is the workspace of a request that names none.
const DefaultWorkspace = "default"

// Contact is one entry of the shared list, as the API and the sockets show it.
// A field that is empty is left out of the JSON; tags and addresses are always lists.
type Contact struct {
	ID             string    `json:"id"`        // 24 hex digits, MongoDB's ObjectID
	Workspace      string    `json:"workspace"` // see [ValidWorkspace]
	Kind           Kind      `json:"kind"`
	FirstName      string    `json:"firstName,omitempty"` // a person needs it
	LastName       string    `json:"lastName,omitempty"`
	Name           string    `json:"name,omitempty"` // an organization needs it
	FullName       string    `json:"fullName"`       // virtual: filled on reading by [Contact.DisplayName], never stored
	Email          string    `json:"email,omitempty"`
	Phone          string    `json:"phone,omitempty"`
	Company        string    `json:"company,omitempty"`
	OrganizationID string    `json:"organizationId,omitempty"` // an organization contact of the same workspace
	Addresses      []Address `json:"addresses"`
	Tags           []string  `json:"tags"`
	Notes          string    `json:"notes,omitempty"`
	Owner          string    `json:"owner,omitempty"`
	CreatedAt      Time      `json:"createdAt"` // absent in MongoDB: the time in the ObjectID
	UpdatedAt      Time      `json:"updatedAt"` // last save through the API; a direct edit does not move it; absent: CreatedAt

	ETag string `json:"-"` // quoted strong entity tag: a hash of the stored document
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

// DisplayName is the name a person reads: first and last name, or an organization's name.
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

// Idempotency makes a repeated create return the first one's contact. The zero value means none.
type Idempotency struct {
	Key         string // of the client, at most 255 printable ASCII characters
	Fingerprint string // hash of the request; the same key with another one is Invalid
}
