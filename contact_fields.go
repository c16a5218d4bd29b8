package grapevine

import "slices"

// Limits of a contact's fields, in characters, and of its lists, in entries.
const (
	MaxName      = 200 // names, company, owner and each part of an address
	MaxEmail     = 254
	MaxPhone     = 40
	MaxNotes     = 4096
	MaxTag       = 64
	MaxTags      = 50
	MaxAddresses = 20
)

// FieldType says what a field of a contact holds, and how it is written.
type FieldType int

// The types of a field.
const (
	TextField    FieldType = iota // a text
	IDField                       // the id of another contact: a text in JSON, an ObjectID in MongoDB
	TextsField                    // a list of texts
	RecordsField                  // a list of records whose parts are texts, such as addresses
)

// Field describes one field of a contact that clients may set and that is stored. An empty field is
// absent in MongoDB.
type Field struct {
	Name       string    // in JSON and in MongoDB
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
	{
		Name: "firstName", Text: func(c *Contact) *string { return &c.FirstName }, Max: MaxName,
		RequiredFor: Person, Missing: "a person needs a first name",
	},
	{Name: "lastName", Text: func(c *Contact) *string { return &c.LastName }, Max: MaxName},
	{
		Name: "name", Text: func(c *Contact) *string { return &c.Name }, Max: MaxName,
		RequiredFor: Organization, Missing: "an organization needs a name",
	},
	{Name: "email", Text: func(c *Contact) *string { return &c.Email }, Max: MaxEmail, problem: emailProblem},
	{Name: "phone", Text: func(c *Contact) *string { return &c.Phone }, Max: MaxPhone},
	{Name: "company", Text: func(c *Contact) *string { return &c.Company }, Max: MaxName},
	{
		Name: "organizationId", Type: IDField, Text: func(c *Contact) *string { return &c.OrganizationID },
		problem: organizationProblem,
	},
	{
		Name: "addresses", Type: RecordsField, MaxEntries: MaxAddresses,
		Records: recordsOf(
			func(c *Contact) *[]Address { return &c.Addresses },
			subField[Address]{SubField{Name: "label", Max: MaxName}, func(a *Address) *string { return &a.Label }},
			subField[Address]{SubField{Name: "street", Max: MaxName, Controls: "\n"}, func(a *Address) *string { return &a.Street }},
			subField[Address]{SubField{Name: "city", Max: MaxName}, func(a *Address) *string { return &a.City }},
			subField[Address]{SubField{Name: "region", Max: MaxName}, func(a *Address) *string { return &a.Region }},
			subField[Address]{SubField{Name: "postalCode", Max: MaxName}, func(a *Address) *string { return &a.PostalCode }},
			subField[Address]{SubField{Name: "country", Max: MaxName}, func(a *Address) *string { return &a.Country }},
		),
	},
	{Name: "tags", Type: TextsField, Texts: func(c *Contact) *[]string { return &c.Tags }, Max: MaxTag, MaxEntries: MaxTags},
	{Name: "notes", Text: func(c *Contact) *string { return &c.Notes }, Max: MaxNotes, Controls: "\n\t"},
	{Name: "owner", Text: func(c *Contact) *string { return &c.Owner }, Max: MaxName},
}

var fieldsByName, emptyContact = func() (map[string]*Field, Contact) {
	byName, empty := map[string]*Field{}, Contact{}
	for _, f := range ContactFields {
		byName[f.Name] = f
		f.copyList(&empty)
	}
	return byName, empty
}()

// FieldNamed returns the field with this name, exactly as it is written. nil if there is none.
func FieldNamed(name string) *Field { return fieldsByName[name] }

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

// Empty reports whether the contact has no value for the field.
func (f *Field) Empty(c *Contact) bool {
	switch f.Type {
	case TextsField:
		return len(*f.Texts(c)) == 0
	case RecordsField:
		return f.Records.Len(c) == 0
	case TextField, IDField:
	}
	return *f.Text(c) == ""
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
	return *f.Text(a) == *f.Text(b)
}

// SubField describes one text of a record.
type SubField struct {
	Name     string // in JSON and in MongoDB
	Max      int    // characters
	Controls string // the control characters that the text may contain
}

// Records gives access to a contact's list of records without knowledge of their type. A record is a
// comparable struct of texts, such as [Address].
type Records interface {
	SubFields() []SubField
	Len(c *Contact) int
	Text(c *Contact, i, subField int) *string // one text of the i-th record
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
