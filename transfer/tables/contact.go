package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
)

// builder makes a contact of the cells of one row.
type builder struct {
	row       record.Row
	oldExport bool
	fullNames []string
	mailNames []string // of "Name <address>"
	kind      grapevine.Kind
	entries   []entry
	addresses []address
	dates     []splitDate

	emails, phones, urls, days, related record.Entries

	tags    record.Set[string]
	customs []grapevine.Entry
	notes   []string
}

// entry is a value of a list, or a cell with several, that waits for its label.
type entry struct {
	field  string
	number int
	label  string
	title  string // of the column of the value
	texts  []string
}

type address struct {
	number int
	label  string
	grapevine.Address
	streets   []string
	lines     map[string]bool // of the streets
	formatted string
}

// splitDate is a date whose year, month and day have columns of their own.
type splitDate struct{ label, title, year, month, day string }

// add takes one cell.
func (b *builder) add(t target, title, cell string) {
	text := record.ManyLines(cellText(cell))
	if text == "" {
		return
	}
	switch t.field {
	case "":
	case photo:
		b.note(title, "photos are not kept")
	case fullName:
		b.fullNames = append(b.fullNames, record.OneLine(text))
	case "kind":
		b.setKind(title, text)
	case "tags":
		b.addTags(text)
	case "notes":
		b.notes = append(b.notes, text)
	case "addresses":
		b.addAddress(t, text)
	case "emails", "phones", "urls", "dates", "related", custom:
		b.addEntry(t, title, text)
	default:
		b.setText(t.field, title, record.OneLine(text))
	}
}

func (b *builder) note(title, note string) {
	b.row.Tell(b.row.Line, title, note)
}

func (b *builder) addCustom(title, text string) {
	b.customs = append(b.customs, grapevine.Entry{Label: title, Value: text})
}

func (b *builder) setText(field, title, text string) {
	value := grapevine.FieldNamed(field).Text(&b.row.Contact)
	switch {
	case *value == "":
		*value = text
	case *value == text:
	case field == "prefix": // Frau, Dr.
		*value += " " + text
	default: // a second column for the same
		b.addEntry(target{field: custom}, title, text)
	}
}

func (b *builder) setKind(title, text string) {
	kind, found := kinds[titleKey(text)]
	if !found {
		b.addEntry(target{field: custom}, title, text)
		b.note(title, fmt.Sprintf("%q is no kind of contact; it is kept as a custom field", record.Shorten(text)))
		return
	}
	b.kind = grapevine.Kind(kind)
}

func (b *builder) addTags(text string) {
	for _, tag := range splitTags(text, !b.oldExport) {
		tag = record.OneLine(strings.TrimPrefix(tag, "* "))
		if tag != "" && !record.IsNoTag(tag) {
			b.tags.Add(tag)
		}
	}
}

func (b *builder) addEntry(t target, title, text string) {
	if t.field == "dates" && t.part != "" && t.part != labelPart {
		b.addDatePart(t, title, text)
		return
	}
	i := -1
	if t.number > 0 {
		i = slices.IndexFunc(b.entries, func(e entry) bool { return e.field == t.field && e.number == t.number })
	}
	if i < 0 {
		i = len(b.entries)
		b.entries = append(b.entries, entry{field: t.field, number: t.number, label: t.label, title: title})
	}
	e := &b.entries[i]
	if t.part == labelPart {
		e.label = record.OneLine(text)
		return
	}
	e.texts, e.title = append(e.texts, text), title
}

func (b *builder) addDatePart(t target, title, text string) {
	i := slices.IndexFunc(b.dates, func(d splitDate) bool { return d.label == t.label })
	if i < 0 {
		i = len(b.dates)
		b.dates = append(b.dates, splitDate{label: t.label})
	}
	d := &b.dates[i]
	d.title = title
	switch t.part {
	case "year":
		d.year = text
	case "month":
		d.month = text
	case "day":
		d.day = text
	}
}

func (b *builder) addAddress(t target, text string) {
	i := slices.IndexFunc(b.addresses, func(a address) bool { return a.number == t.number && (t.number > 0 || a.label == t.label) })
	if i < 0 {
		i = len(b.addresses)
		b.addresses = append(b.addresses, address{number: t.number, label: t.label})
	}
	a := &b.addresses[i]
	switch t.part {
	case labelPart:
		a.label = record.OneLine(text)
	case streetPart:
		a.addStreet(text)
	case "city":
		a.City = joinTexts(a.City, record.OneLine(text))
	case "region":
		a.Region = joinTexts(a.Region, record.OneLine(text))
	case "postalCode":
		a.PostalCode = joinTexts(a.PostalCode, record.OneLine(text))
	case "country":
		a.Country = joinTexts(a.Country, record.OneLine(text))
	case formattedPart:
		a.formatted = text
	}
}

// addStreet adds a cell, unless it is a line that the address has.
func (a *address) addStreet(text string) {
	if a.lines[text] {
		return
	}
	if a.lines == nil {
		a.lines = map[string]bool{}
	}
	for line := range strings.SplitSeq(text, "\n") {
		a.lines[line] = true
	}
	a.streets = append(a.streets, text)
}

// joinTexts joins two cells of the same part of an address.
func joinTexts(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

// finish makes the contact whole. It returns false if there is nothing in it.
func (b *builder) finish() bool {
	for _, e := range b.entries {
		b.finishEntry(e)
	}
	for _, d := range b.dates {
		b.finishDate(d)
	}
	for _, a := range b.addresses {
		if a.Street = strings.Join(a.streets, "\n"); a.Address == (grapevine.Address{}) {
			a.Street = a.formatted
		}
		a.Label = b.cleanLabel(a.label)
		if a.Address != (grapevine.Address{Label: a.Label}) {
			b.row.Contact.Addresses = append(b.row.Contact.Addresses, a.Address)
		}
	}
	c := &b.row.Contact
	c.Emails = b.emails.AppendTo(c.Emails)
	c.Phones = b.phones.AppendTo(c.Phones)
	c.URLs = b.urls.AppendTo(c.URLs)
	c.Dates = b.days.AppendTo(c.Dates)
	c.Related = b.related.AppendTo(c.Related)
	c.Tags = append(c.Tags, b.tags.List()...)
	c.Notes = strings.Join(b.notes, "\n")
	record.PreferCallable(c.Phones)
	b.finishName()
	b.finishKind()
	c.Custom = append(c.Custom, b.customs...)
	empty := !slices.ContainsFunc(grapevine.ContactFields, func(f *grapevine.Field) bool { return f.Name != "kind" && !f.Empty(c) })
	return !empty || len(b.row.Notes) > 0
}

// cleanLabel cuts a label that is too long. The whole is kept as a custom field.
func (b *builder) cleanLabel(label string) string {
	label, _ = record.CleanLabel(label)
	short, whole := record.CutLabel(label)
	if whole != "" {
		b.addCustom(labelPart, whole)
	}
	return short
}

func (b *builder) finishEntry(e entry) {
	if len(e.texts) == 0 {
		return
	}
	_, preferred := record.CleanLabel(e.label)
	label, text := b.cleanLabel(e.label), strings.Join(e.texts, "\n")
	switch e.field {
	case "emails":
		for i, text := range splitEmails(text) {
			address, name, ok := record.CleanEmail(text)
			if !ok {
				b.addCustom(cmp.Or(e.title, "email"), text)
				b.note(e.title, fmt.Sprintf("%q is no e-mail address; it is kept as a custom field", record.Shorten(text)))
				continue
			}
			b.mailNames = append(b.mailNames, name)
			b.emails.Add(label, address, preferred && i == 0)
		}
	case "phones":
		for i, text := range splitPhones(text) {
			if shortNumber.MatchString(text) {
				b.note(e.title, fmt.Sprintf("a spreadsheet has shortened the number to %s; in the spreadsheet, make the column text, and type the number again", text))
			}
			b.phones.Add(label, cleanPhone(text), preferred && i == 0)
		}
	case "urls":
		for _, text := range splitURLs(text) {
			b.urls.Add(label, text, preferred)
		}
	case "related":
		for _, text := range splitNames(text) {
			b.related.Add(label, text, preferred)
		}
	case "dates":
		for _, text := range splitNames(text) {
			b.addDate(label, e.title, text)
		}
	case custom:
		b.addCustom(cmp.Or(label, e.title), text)
	}
}

func (b *builder) addDate(label, title, text string) {
	date, ok := record.ReadDate(text)
	switch {
	case ok:
		b.days.Add(label, date, false)
	case record.IsNoDate(text): // Outlook's 0/0/00
	default:
		b.addCustom(cmp.Or(title, label), text)
		b.note(title, fmt.Sprintf("%q is no date that can be read in one way only; it is kept as a custom field", record.Shorten(text)))
	}
}

func (b *builder) finishDate(d splitDate) {
	date, ok := record.MakeDate(d.year, d.month, d.day)
	if ok {
		b.days.Add(d.label, date, false)
		return
	}
	parts := slices.DeleteFunc([]string{d.year, d.month, d.day}, func(s string) bool { return s == "" || strings.Trim(s, "0") == "" })
	if len(parts) > 0 {
		b.addCustom(cmp.Or(d.label, d.title), strings.Join(parts, "-"))
	}
}

// finishName splits full names, or keeps what the parts of the name do not hold.
func (b *builder) finishName() {
	c := &b.row.Contact
	if b.kind == grapevine.Organization && c.Name == "" {
		if len(b.fullNames) > 0 {
			c.Name, b.fullNames = b.fullNames[0], b.fullNames[1:]
		} else if c.FirstName+c.LastName == "" {
			c.Name, c.Company = c.Company, ""
		}
	}
	names := record.NamesOf(c)
	for _, name := range b.fullNames {
		switch {
		case name == c.Company && c.FirstName+c.LastName == "" && b.kind == "":
			b.kind = grapevine.Organization
		case names.Hold(name):
		case c.FirstName+c.MiddleName+c.LastName == "" && b.kind != grapevine.Organization:
			record.TakeName(name, c)
			names = record.NamesOf(c)
		case c.Nickname == "":
			c.Nickname = name
			names = record.NamesOf(c)
		default:
			b.addCustom("display name", name)
		}
	}
	if c.FirstName+c.LastName+c.Nickname+c.Name+c.Company == "" {
		for _, name := range b.mailNames {
			if name != "" {
				record.TakeName(name, c)
				break
			}
		}
	}
}

// finishKind decides whether the contact is a person. The file's own word comes first.
func (b *builder) finishKind() {
	c := &b.row.Contact
	named := c.FirstName+c.MiddleName+c.LastName+c.Nickname != ""
	if b.kind == "" && c.Name != "" && !named {
		b.kind = grapevine.Organization
	}
	if b.kind == "" && c.Company != "" && !named && len(c.Emails)+len(c.Phones) == 0 {
		b.kind = grapevine.Organization
	}
	c.Kind = cmp.Or(b.kind, grapevine.Person)
	if c.Kind == grapevine.Organization && c.Name == "" && !named {
		c.Name, c.Company = c.Company, ""
	}
	if c.Kind == grapevine.Organization && c.Company == c.Name {
		c.Company = ""
	}
}
