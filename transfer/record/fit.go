package record

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// Fit makes the contact of a row acceptable to [grapevine.Contact.Validate], and changes nothing that is acceptable. A
// field keeps what it can hold; the whole value goes to the custom fields, with a note. Only what is beyond the size of a
// contact is lost, which a note tells. A row that cannot be a contact is skipped with its reason. The workspace stays as it is.
func Fit(row *Row) {
	if row.Skipped != "" {
		return
	}
	f := fitter{row: row, c: &row.Contact}
	f.fit()
	if row.unnoted > 0 {
		row.Notes = append(row.Notes, Note{Line: row.Line, Note: fmt.Sprintf("and %d more values of this contact are not as they were", row.unnoted)})
		row.unnoted = 0
	}
}

const (
	maxNotes  = 30  // that Fit adds to a row
	maxRounds = 5   // of repairs
	moreLabel = "…" // of the custom field that holds further ones
)

// whole are the texts of which a part has no worth.
var whole = []string{"uid", "emails", "urls", "dates"}

type fitter struct {
	row   *Row
	c     *grapevine.Contact
	moved []grapevine.Entry // to the custom fields
	noted int
	lost  []string // the fields of which a part is left out
}

func (f *fitter) note(field, note string) {
	if f.noted == maxNotes {
		f.row.unnoted++
		return
	}
	f.noted++
	f.row.Notes = append(f.row.Notes, Note{Line: f.row.Line, Field: field, Note: note})
}

// lose tells once for each field what is lost, however many notes there are.
func (f *fitter) lose(field, note string) {
	if !slices.Contains(f.lost, field) {
		f.lost = append(f.lost, field)
		f.row.Notes = append(f.row.Notes, Note{Line: f.row.Line, Field: field, Note: note})
	}
}

// move keeps a value as a custom field.
func (f *fitter) move(label, value, why string) {
	f.note(label, fmt.Sprintf("%q %s; it is kept as a custom field", Shorten(value), why))
	f.moved = append(f.moved, grapevine.Entry{Label: label, Value: value})
}

func (f *fitter) fit() {
	workspace := f.c.Workspace
	defer func() { f.c.Workspace = workspace }()
	if !grapevine.ValidWorkspace(workspace) {
		f.c.Workspace = grapevine.DefaultWorkspace
	}
	f.fitKind()
	for _, field := range grapevine.ContactFields {
		f.fitField(field)
	}
	for range maxRounds {
		f.addMoved()
		f.fitSize()
		err := f.c.Validate()
		if err == nil {
			return
		}
		invalid, ok := errors.AsType[*grapevine.Error](err)
		if !ok || !f.repair(invalid.Fields) {
			break
		}
	}
	if err := f.c.Validate(); err != nil {
		f.row.Skipped = reason(f.c, err)
	}
}

// reason says why there is no contact.
func reason(c *grapevine.Contact, err error) string {
	if c.DisplayName() == "" {
		return "there is no name, company, e-mail address or phone number to call the contact by"
	}
	if invalid, ok := errors.AsType[*grapevine.Error](err); ok && len(invalid.Fields) > 0 {
		return strings.TrimPrefix(invalid.Fields[0].Pointer, "/") + " " + invalid.Fields[0].Detail
	}
	return err.Error()
}

// fitKind makes a person of an organization without a name.
func (f *fitter) fitKind() {
	if f.c.Kind != grapevine.Organization {
		f.c.Kind = grapevine.Person
		return
	}
	if OneLine(f.c.Name) == "" {
		f.c.Kind = grapevine.Person
		f.note("kind", "an organization needs a name, so the contact is a person")
	}
}

func (f *fitter) fitField(field *grapevine.Field) {
	switch field.Type {
	case grapevine.TextField:
		if field.Max > 0 {
			text := field.Text(f.c)
			*text = clean(*text, field.Controls)
			f.fitText(field.Name, text, field.Max)
		}
	case grapevine.TextsField:
		f.fitTexts(field)
	case grapevine.RecordsField:
		f.fitRecords(field)
	case grapevine.IDField:
	}
}

// fitText cuts a clean text to its length. The whole goes to the custom fields.
func (f *fitter) fitText(name string, text *string, limit int) {
	if utf8.RuneCountInString(*text) <= limit {
		return
	}
	switch name {
	case "custom": // addMoved cuts it
		f.note(name, fmt.Sprintf("the text is longer than %d characters; it continues in the next custom field", limit))
		return
	case "notes":
		f.note(name, fmt.Sprintf("the text is longer than %d characters; its rest is kept as a custom field", limit))
		rest := *text
		*text = cutRunes(rest, limit)
		f.moved = append(f.moved, grapevine.Entry{Label: name, Value: rest[len(*text):]})
		*text = strings.TrimSpace(*text)
		return
	}
	f.move(singular(name), *text, fmt.Sprintf("is longer than %d characters", limit))
	if slices.Contains(whole, name) {
		*text = ""
		return
	}
	*text = strings.TrimSpace(cutRunes(*text, limit))
}

// singular is the label of one value of a list.
func singular(list string) string {
	switch list {
	case "addresses":
		return "address"
	case "emails", "phones", "urls", "dates", "tags":
		return strings.TrimSuffix(list, "s")
	}
	return list
}

func cutRunes(text string, limit int) string {
	for i := range text {
		if limit == 0 {
			return text[:i]
		}
		limit--
	}
	return text
}

// clean removes what no text of a contact may contain.
func clean(text, controls string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return strings.TrimSpace(text)
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(controls, r):
			return r
		case r == '\r' || r == '\n' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			if strings.Contains(controls, "\n") {
				if r > unicode.MaxASCII && r != '\u0085' {
					return r
				}
				return '\n'
			}
			return ' '
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Noncharacter_Code_Point, r):
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(norm.NFC.String(text))
}

func (f *fitter) fitTexts(field *grapevine.Field) {
	list := field.Texts(f.c)
	kept := make([]string, 0, min(len(*list), field.MaxEntries))
	var more []string
	for _, text := range *list {
		text = clean(text, field.Controls)
		switch {
		case text == "" || slices.Contains(kept, text):
		case len(kept) == field.MaxEntries:
			more = append(more, text)
		default:
			f.fitText(field.Name, &text, field.Max)
			if !slices.Contains(kept, text) {
				kept = append(kept, text)
			}
		}
	}
	*list = kept
	if len(more) > 0 {
		f.move(field.Name, strings.Join(more, ", "), fmt.Sprintf("are more than %d", field.MaxEntries))
	}
}

func (f *fitter) fitRecords(field *grapevine.Field) {
	field.Records.Copy(f.c)
	field.Records.Compact(f.c)
	for i := range field.Records.Len(f.c) {
		for j, sub := range field.Records.SubFields() {
			name := field.Name
			if sub.Name != "value" {
				name = sub.Name
			}
			text := field.Records.Text(f.c, i, j)
			if *text = clean(*text, sub.Controls); sub.Required && slices.Contains(whole, field.Name) && utf8.RuneCountInString(*text) > sub.Max {
				f.moveEntry(field, i, fmt.Sprintf("is longer than %d characters", sub.Max))
				break
			}
			f.fitText(name, text, sub.Max)
		}
	}
	f.dropWithoutValue(field)
	if field.Name == "custom" {
		return // addMoved joins the further ones
	}
	for i := field.MaxEntries; i < field.Records.Len(f.c); i++ {
		f.move(singular(field.Name), f.recordText(field, i), fmt.Sprintf("is behind the first %d", field.MaxEntries))
	}
	field.Records.Limit(f.c, field.MaxEntries)
}

// dropWithoutValue drops the records that lack a required text, such as a label without a value.
func (f *fitter) dropWithoutValue(field *grapevine.Field) {
	for i := range field.Records.Len(f.c) {
		for j, sub := range field.Records.SubFields() {
			if sub.Required && *field.Records.Text(f.c, i, j) == "" {
				f.clear(field, i)
			}
		}
	}
	field.Records.Compact(f.c)
}

// clear makes a record empty, so that Compact drops it.
func (f *fitter) clear(field *grapevine.Field, i int) {
	for j := range field.Records.SubFields() {
		*field.Records.Text(f.c, i, j) = ""
	}
}

// recordText is a record as one text: its label and its other texts.
func (f *fitter) recordText(field *grapevine.Field, i int) string {
	var parts []string
	label := ""
	for j, sub := range field.Records.SubFields() {
		switch text := *field.Records.Text(f.c, i, j); {
		case text == "":
		case sub.Name == "label":
			label = text + ": "
		default:
			parts = append(parts, text)
		}
	}
	return label + strings.Join(parts, ", ")
}

// repair moves the values that Validate does not accept. It reports whether there was one that it can move.
func (f *fitter) repair(wrong []grapevine.FieldError) (repaired bool) {
	for _, e := range wrong {
		parts := strings.Split(strings.TrimPrefix(e.Pointer, "/"), "/")
		field := grapevine.FieldNamed(parts[0])
		if field == nil || field.Name == "workspace" || field.Name == "kind" {
			continue
		}
		switch field.Type {
		case grapevine.TextField, grapevine.IDField:
			if text := field.Text(f.c); *text != "" {
				f.moveWrong(field.Name, *text, e.Detail)
				*text, repaired = "", true
			}
		case grapevine.TextsField:
			if i, ok := place(parts, len(*field.Texts(f.c))); ok {
				f.moveWrong(singular(field.Name), (*field.Texts(f.c))[i], e.Detail)
				(*field.Texts(f.c))[i], repaired = "", true
			}
		case grapevine.RecordsField:
			if i, ok := place(parts, field.Records.Len(f.c)); ok {
				repaired = f.repairRecord(field, i, parts[len(parts)-1], e.Detail) || repaired
			}
		}
	}
	for _, field := range grapevine.ContactFields {
		if field.Type == grapevine.RecordsField {
			f.dropWithoutValue(field)
		}
	}
	f.fitKind()
	return repaired
}

func place(pointer []string, n int) (int, bool) {
	if len(pointer) < 2 {
		return 0, false
	}
	i, err := strconv.Atoi(pointer[1])
	return i, err == nil && i < n
}

func (f *fitter) repairRecord(field *grapevine.Field, i int, part, detail string) bool {
	for j, sub := range field.Records.SubFields() {
		text := field.Records.Text(f.c, i, j)
		if sub.Name != part || *text == "" {
			continue
		}
		if sub.Required && field.Name != "custom" {
			f.moveEntry(field, i, detail)
			return true
		}
		label := sub.Name
		if field.Name == "custom" {
			label = field.Name
		}
		f.moveWrong(label, *text, detail)
		*text = ""
		return true
	}
	return false
}

// moveEntry moves an entry whose value is not acceptable, with its label. A label says what a date or a person is, but
// not what an address is.
func (f *fitter) moveEntry(field *grapevine.Field, i int, why string) {
	label, value := *field.Records.Text(f.c, i, 0), *field.Records.Text(f.c, i, grapevine.EntryValue)
	name := singular(field.Name)
	switch {
	case label == "":
		label = name
	case utf8.RuneCountInString(label)+len(name) >= grapevine.MaxLabel:
		label, value = name, label+": "+value
	case field.Name != "dates" && field.Name != "related":
		label += " " + name
	}
	f.clear(field, i)
	f.moveWrong(label, value, why)
}

// moveWrong moves a value that is wrong. A custom field that is wrong itself has nothing that a person can see, and goes.
func (f *fitter) moveWrong(label, value, detail string) {
	if label == "custom" || strings.HasPrefix(detail, "has no character") {
		return
	}
	f.move(label, value, detail)
}
