package grapevine

// ContactKeys name contacts by what a file knows of them. A contact is meant if it has any of them.
type ContactKeys struct {
	UIDs   []string // also ids of contacts without a uid
	Emails []string // exactly as they are stored
	Names  []string // as derived.NameText makes them
}

// ImportedContacts are contacts that one import creates.
type ImportedContacts struct {
	Group    string // the import
	Quiet    bool   // nobody welcomes the contacts
	Contacts []Contact
}
