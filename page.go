package grapevine

import "encoding/json"

// Page is one page of a list. Next is the cursor of the next page, nil on the last. A page may hold fewer contacts than
// asked for and still have a next one.
type Page struct {
	Items   []ListItem `json:"items"`
	Next    *string    `json:"next"`
	Partial bool       `json:"partial,omitempty"` // of a search that looked for a while only: Next goes on; or of one that does not find every contact yet
}

// ListItem is one contact in a page.
type ListItem struct {
	Contact
	Score        float64               `json:"score,omitempty"`        // text score of a search
	Truncated    bool                  `json:"truncated,omitempty"`    // the contact is larger than MaxContactJSON, and shortened
	Organization *ExpandedOrganization `json:"organization,omitempty"` // set if Query.Expand and OrganizationID are
}

// ExpandedOrganization is the organization that a contact refers to. It is null in JSON if there is none.
type ExpandedOrganization struct{ *Contact }

// MarshalJSON writes the organization, or null.
func (e ExpandedOrganization) MarshalJSON() ([]byte, error) { return json.Marshal(e.Contact) }
