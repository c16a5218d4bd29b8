package record

// Fit makes the contact of a row acceptable to [grapevine.Contact.Validate] and loses nothing: a field keeps what it can
// hold, and the whole value goes to the custom fields, with a note. A row that cannot be a contact is skipped with its reason. The
// workspace stays as it is.
func Fit(row *Row) {}
