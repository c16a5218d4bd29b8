package grapevine

import "slices"

// Limits of a contact's fields, in characters, and of its lists, in entries.
const (
	MaxName    = 200 // names, company, owner, each part of an address but the street
	MaxLabel   = 64
	MaxEmail   = 254
	MaxPhone   = 200
	MaxURL     = 2048
	MaxStreet  = 1000
	MaxUID     = 255
	MaxNotes   = 16_384 // also each custom value
	MaxTag     = 64
	MaxEntries = 50 // of each list
)

// FieldType says what a field of a contact holds, and how it is written.
type FieldType int

// The types of a field.
const (
	TextField    FieldType = iota // a text
	IDField                       // the id of another contact: a text in JSON, an ObjectID in MongoDB
	TextsField                    // a list of texts
	RecordsField                  // a list of records whose parts are texts, such as addresses or e-mails
)

// Field describes one field of a contact that clients may set and that is stored. An empty field is
// absent in MongoDB.
type Field struct {
	Name       string    // in JSON and in MongoDB
	Shorthand  string    // name of the text that stands for the value of the first record, in JSON and in MongoDB; empty means none
	Type       FieldType // decides which of Text, Texts and Records is set
	Max        int       // characters of the text, or of each text of a list; zero means it is not free text, and is kept as it is
	MaxEntries int       // of a list
	Controls   string    // the control characters that the text may contain
	Enum       []string  // the only values of the text; empty means any
	Pattern    string    // regular expression that MongoDB's validator checks; empty means none

	RequiredFor Kind   // contacts of this kind must have the field; empty means none
	Missing     string // error text where RequiredFor is not met

	Text    func(*Contact) *string // of TextField and IDField
	Texts   func(*Contact) *[]string
	Records Records

	// absent is the value that the field has where MongoDB has none. nil: it is empty.
	absent func(*Contact) string
	// problem says why the value is not acceptable, or "" if it is acceptable. nil accepts every value.
	problem func(*Contact) string
}

// ContactFields is the one list of the fields that clients may set, in the order in which they are stored.
// Validation, decoding, the stored document, MongoDB's validator, the API's reader and CSV follow it.
// It must not be changed.
var ContactFields = []*Field{
	{
		Name: "workspace", Text: func(c *Contact) *string { return &c.Workspace },
		Pattern: "^[a-z0-9][a-z0-9-]{0,62}$(?!\n)", problem: workspaceProblem,
	},
	{
		Name: "kind", Text: func(c *Contact) *string { return (*string)(&c.Kind) },
		Enum: []string{string(Person), string(Organization)},
	},
	{Name: "prefix", Text: func(c *Contact) *string { return &c.Prefix }, Max: MaxName},
	{Name: "firstName", Text: func(c *Contact) *string { return &c.FirstName }, Max: MaxName},
	{Name: "middleName", Text: func(c *Contact) *string { return &c.MiddleName }, Max: MaxName},
	{Name: "lastName", Text: func(c *Contact) *string { return &c.LastName }, Max: MaxName},
	{Name: "suffix", Text: func(c *Contact) *string { return &c.Suffix }, Max: MaxName},
	{Name: "nickname", Text: func(c *Contact) *string { return &c.Nickname }, Max: MaxName},
	{
		Name: "name", Text: func(c *Contact) *string { return &c.Name }, Max: MaxName,
		RequiredFor: Organization, Missing: "an organization needs a name",
	},
	{Name: "company", Text: func(c *Contact) *string { return &c.Company }, Max: MaxName},
	{Name: "department", Text: func(c *Contact) *string { return &c.Department }, Max: MaxName},
	{Name: "title", Text: func(c *Contact) *string { return &c.Title }, Max: MaxName},
	{
		Name: "organizationId", Type: IDField, Text: func(c *Contact) *string { return &c.OrganizationID },
		problem: organizationProblem,
	},
	entriesField("emails", func(c *Contact) *[]Entry { return &c.Emails }, SubField{Max: MaxEmail, problem: EmailProblem}).withShorthand("email"),
	entriesField("phones", func(c *Contact) *[]Entry { return &c.Phones }, SubField{Max: MaxPhone}).withShorthand("phone"),
	entriesField("urls", func(c *Contact) *[]Entry { return &c.URLs }, SubField{Max: MaxURL}),
	{
		Name: "addresses", Type: RecordsField, MaxEntries: MaxEntries,
		Records: recordsOf(
			func(c *Contact) *[]Address { return &c.Addresses },
			subField[Address]{SubField{Name: "label", Max: MaxLabel}, func(a *Address) *string { return &a.Label }},
			subField[Address]{SubField{Name: "street", Max: MaxStreet, Controls: "\n"}, func(a *Address) *string { return &a.Street }},
			subField[Address]{SubField{Name: "city", Max: MaxName}, func(a *Address) *string { return &a.City }},
			subField[Address]{SubField{Name: "region", Max: MaxName}, func(a *Address) *string { return &a.Region }},
			subField[Address]{SubField{Name: "postalCode", Max: MaxName}, func(a *Address) *string { return &a.PostalCode }},
			subField[Address]{SubField{Name: "country", Max: MaxName}, func(a *Address) *string { return &a.Country }},
		),
	},
	entriesField("dates", func(c *Contact) *[]Entry { return &c.Dates }, SubField{Max: len("2006-01-02"), problem: dateProblem}),
	entriesField("related", func(c *Contact) *[]Entry { return &c.Related }, SubField{Max: MaxName}),
	entriesField("custom", func(c *Contact) *[]Entry { return &c.Custom }, SubField{Max: MaxNotes, Controls: "\n\t"}),
	{Name: "tags", Type: TextsField, Texts: func(c *Contact) *[]string { return &c.Tags }, Max: MaxTag, MaxEntries: MaxEntries},
	{Name: "notes", Text: func(c *Contact) *string { return &c.Notes }, Max: MaxNotes, Controls: "\n\t"},
	{Name: "owner", Text: func(c *Contact) *string { return &c.Owner }, Max: MaxName},
	{
		Name: "uid", Text: func(c *Contact) *string { return &c.UID }, Max: MaxUID,
		absent: func(c *Contact) string { return c.ID },
	},
}

// EntryValue is the place of the value among the sub-fields of an [Entry].
const EntryValue = 1

// entriesField is a field with a list of [Entry]. value describes the values.
func entriesField(name string, list func(*Contact) *[]Entry, value SubField) *Field {
	value.Name, value.Required = "value", true
	return &Field{
		Name: name, Type: RecordsField, MaxEntries: MaxEntries,
		Records: recordsOf(list,
			subField[Entry]{SubField{Name: "label", Max: MaxLabel}, func(e *Entry) *string { return &e.Label }},
			subField[Entry]{value, func(e *Entry) *string { return &e.Value }},
		),
	}
}

func (f *Field) withShorthand(name string) *Field {
	f.Shorthand = name
	return f
}

var fieldsByName, fieldsByShorthand, emptyContact = func() (byName, byShorthand map[string]*Field, empty Contact) {
	byName, byShorthand = map[string]*Field{}, map[string]*Field{}
	for _, f := range ContactFields {
		byName[f.Name] = f
		if f.Shorthand != "" {
			byShorthand[f.Shorthand] = f
		}
		f.copyList(&empty)
	}
	return byName, byShorthand, empty
}()

// FieldNamed returns the field with this name, exactly as it is written. nil if there is none.
func FieldNamed(name string) *Field { return fieldsByName[name] }

// FieldWithShorthand returns the field that has this shorthand. nil if there is none.
func FieldWithShorthand(name string) *Field { return fieldsByShorthand[name] }

// NewContact returns a contact without values. Its lists are empty and not nil.
func NewContact() Contact { return emptyContact }

// Clone returns a copy that shares no list with c. Its lists are never nil.
func (c *Contact) Clone() Contact {
	clone := *c
	for _, f := range ContactFields {
		f.copyList(&clone)
	}
	return clone
}

// copyList gives c a copy of the field's list. The copy is never nil.
func (f *Field) copyList(c *Contact) {
	switch f.Type {
	case TextsField:
		list := f.Texts(c)
		*list = append(make([]string, 0, len(*list)), *list...)
	case RecordsField:
		f.Records.Copy(c)
	case TextField, IDField:
	}
}

// SetAbsent gives the field the value that it has where MongoDB has none, if it is empty.
func (f *Field) SetAbsent(c *Contact) {
	if f.absent != nil && *f.Text(c) == "" {
		*f.Text(c) = f.absent(c)
	}
}

// Empty reports whether the contact has no value for the field that would be stored.
func (f *Field) Empty(c *Contact) bool {
	switch f.Type {
	case TextsField:
		return len(*f.Texts(c)) == 0
	case RecordsField:
		return f.Records.Len(c) == 0
	case TextField, IDField:
	}
	return *f.Text(c) == "" || f.absent != nil && *f.Text(c) == f.absent(c)
}

// Equal reports whether two contacts have the same value for the field.
func (f *Field) Equal(a, b *Contact) bool {
	switch f.Type {
	case TextsField:
		return slices.Equal(*f.Texts(a), *f.Texts(b))
	case RecordsField:
		return f.Records.Equal(a, b)
	case TextField, IDField:
	}
	return *f.Text(a) == *f.Text(b) || f.Empty(a) && f.Empty(b)
}

// SubField describes one text of a record.
type SubField struct {
	Name     string // in JSON and in MongoDB
	Max      int    // characters
	Controls string // the control characters that the text may contain
	Required bool   // every record must have the text

	// problem says why the text is not acceptable, or "" if it is acceptable. nil accepts every text.
	problem func(string) string
}

// Records gives access to a contact's list of records without knowledge of their type. A record is a
// comparable struct of texts, such as [Address] or [Entry].
type Records interface {
	SubFields() []SubField
	Len(c *Contact) int
	Text(c *Contact, i, subField int) *string // one text of the i-th record
	DropIncomplete(c *Contact)                // drops the last record if it lacks a required text
	Append(c *Contact)                        // adds an empty record
	Compact(c *Contact)                       // drops empty records
	Limit(c *Contact, n int)                  // drops the records after the first n
	Copy(c *Contact)                          // gives c its own list, which is never nil
	Equal(a, b *Contact) bool
}

type subField[T any] struct {
	SubField
	text func(*T) *string
}

type records[T comparable] struct {
	list      func(*Contact) *[]T
	subFields []SubField
	texts     []func(*T) *string
}

func recordsOf[T comparable](list func(*Contact) *[]T, subFields ...subField[T]) Records {
	r := records[T]{list: list}
	for _, p := range subFields {
		r.subFields = append(r.subFields, p.SubField)
		r.texts = append(r.texts, p.text)
	}
	return r
}

func (r records[T]) SubFields() []SubField { return r.subFields }
func (r records[T]) Len(c *Contact) int    { return len(*r.list(c)) }

func (r records[T]) Text(c *Contact, i, subField int) *string {
	return r.texts[subField](&(*r.list(c))[i])
}

func (r records[T]) DropIncomplete(c *Contact) {
	list := r.list(c)
	last := len(*list) - 1
	for j, sub := range r.subFields {
		if last >= 0 && sub.Required && *r.Text(c, last, j) == "" {
			*list = (*list)[:last]
			return
		}
	}
}

func (r records[T]) Append(c *Contact) {
	var empty T
	*r.list(c) = append(*r.list(c), empty)
}

func (r records[T]) Compact(c *Contact) {
	var empty T
	*r.list(c) = slices.DeleteFunc(*r.list(c), func(record T) bool { return record == empty })
}

func (r records[T]) Limit(c *Contact, n int) {
	list := r.list(c)
	*list = (*list)[:min(len(*list), n)]
}

func (r records[T]) Copy(c *Contact) {
	list := r.list(c)
	*list = append(make([]T, 0, len(*list)), *list...)
}

func (r records[T]) Equal(a, b *Contact) bool { return slices.Equal(*r.list(a), *r.list(b)) }
