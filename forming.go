package grapevine

// Forming says what one call has done for contacts whose derived part does not belong to their fields.
type Forming struct {
	Last    string // id of the last contact that was looked at; empty: there was none
	Seen    int    // contacts that were looked at
	Written int
	Refused []Unformable
}

// Unformable is a contact whose derived part MongoDB does not store.
type Unformable struct{ ID, Reason string }
