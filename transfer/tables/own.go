package tables

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
)

// ownTitle is the title of the last column of Grapevine's own export, by which a file is known.
const ownTitle = "Grapevine"

// ownEntries is how many entries of each list have columns of their own. The others stand in the last column.
const ownEntries = 5

const birthday = "birthday"

// ownColumn is one column of Grapevine's own export. It reads and writes without any rule, so that what goes out
// comes back.
type ownColumn struct {
	title  string
	target target
	get    func(*grapevine.Contact) string
	set    func(c *grapevine.Contact, value string)
}

func (o *ownColumn) field() string {
	if o == nil {
		return custom
	}
	return o.target.String()
}

// ownColumns have the titles that Google uses since 2024. What Google has no title for is in the last column.
var ownColumns = func() []*ownColumn {
	columns := []*ownColumn{
		ownText("First Name", "firstName"), ownText("Middle Name", "middleName"), ownText("Last Name", "lastName"),
		ownText("Name Prefix", "prefix"), ownText("Name Suffix", "suffix"), ownText("Nickname", "nickname"),
		{
			title: "Organization Name", target: target{field: "company"},
			get: func(c *grapevine.Contact) string { return *companyOrName(c) },
			set: func(c *grapevine.Contact, value string) { *companyOrName(c) = value },
		},
		ownText("Organization Title", "title"), ownText("Organization Department", "department"),
		ownText("Notes", "notes"),
		{
			title: "Labels", target: target{field: "tags"},
			get: func(c *grapevine.Contact) string { return strings.Join(c.Tags, ownTagSeparator) },
			set: func(c *grapevine.Contact, value string) { c.Tags = strings.Split(value, ownTagSeparator) },
		},
	}
	for _, list := range []struct{ title, field string }{
		{"E-mail", "emails"},
		{"Phone", "phones"},
		{"Address", "addresses"},
		{"Website", "urls"},
		{"Event", "dates"},
		{"Relation", "related"},
		{"Custom Field", custom},
	} {
		for i := range ownEntries {
			columns = append(columns, ownEntry(list.title, list.field, i)...)
		}
	}
	return append(columns, &ownColumn{ // behind the events, because it comes before them in the list
		title: "Birthday", target: target{field: "dates", label: birthday},
		get: func(c *grapevine.Contact) string {
			if i := birthdayPlace(c); i >= 0 {
				return c.Dates[i].Value
			}
			return ""
		},
		set: func(c *grapevine.Contact, value string) {
			c.Dates = slices.Insert(c.Dates, 0, grapevine.Entry{Label: birthday, Value: value})
		},
	})
}()

const ownTagSeparator = " " + googleSeparator + " "

// ownTitlesOfParts are Google's words for the parts of an entry and of an address.
var ownTitlesOfParts = map[string]string{
	"label": "Label", "value": "Value", "street": "Street", "city": "City", "region": "Region", "postalCode": "Postal Code", "country": "Country",
}

func ownText(title, field string) *ownColumn {
	text := grapevine.FieldNamed(field).Text
	return &ownColumn{
		title: title, target: target{field: field},
		get: func(c *grapevine.Contact) string { return *text(c) },
		set: func(c *grapevine.Contact, value string) { *text(c) = value },
	}
}

// ownEntry are the columns of one entry of a list. Of the dates, the birthday has its own column.
func ownEntry(title, field string, i int) (columns []*ownColumn) {
	f := grapevine.FieldNamed(field)
	for part, sub := range f.Records.SubFields() {
		t := target{field: field, number: i + 1, part: sub.Name}
		if sub.Name == "value" {
			t.part = ""
		}
		columns = append(columns, &ownColumn{
			title: fmt.Sprintf("%s %d - %s", title, i+1, ownTitlesOfParts[sub.Name]), target: t,
			get: func(c *grapevine.Contact) string {
				place := i
				if field == "dates" {
					place = eventPlace(c, i)
				}
				if place >= f.Records.Len(c) {
					return ""
				}
				return *f.Records.Text(c, place, part)
			},
			set: func(c *grapevine.Contact, value string) {
				for f.Records.Len(c) <= i {
					f.Records.Append(c)
				}
				*f.Records.Text(c, i, part) = value
			},
		})
	}
	return columns
}

func companyOrName(c *grapevine.Contact) *string {
	if c.Kind == grapevine.Organization {
		return &c.Name
	}
	return &c.Company
}

// birthdayPlace is the place of the birthday in the dates, or -1.
func birthdayPlace(c *grapevine.Contact) int {
	return slices.IndexFunc(c.Dates, func(e grapevine.Entry) bool { return e.Label == birthday })
}

// eventPlace is the place of the i-th date that is not the birthday.
func eventPlace(c *grapevine.Contact, i int) int {
	if place := birthdayPlace(c); place >= 0 && place <= i {
		return i + 1
	}
	return i
}

// ownColumnsOf finds the columns by their titles, because a person may have moved some. nil is a column of the person.
func ownColumnsOf(titles []string) []*ownColumn {
	byTitle := map[string]*ownColumn{ownTitle: {title: ownTitle}}
	for _, column := range ownColumns {
		byTitle[column.title] = column
	}
	columns := make([]*ownColumn, len(titles))
	for i, title := range titles {
		columns[i] = byTitle[title]
		delete(byTitle, title) // the first of two
	}
	return columns
}

// ownContact reads a row of Grapevine's own export.
func (r *Reader) ownContact(next row) record.Row {
	found := record.Row{Line: next.line, Contact: grapevine.NewContact()}
	values := make(map[*ownColumn]string, len(ownColumns))
	var rest string
	var added []grapevine.Entry // by a person, in columns of their own
	for i, cell := range next.cells {
		cell = unescapeFormula(strings.ReplaceAll(cell, "\r\n", "\n"))
		switch {
		case cell == "":
		case i >= len(r.own) || r.own[i] == nil:
			title := "column " + strconv.Itoa(i+1)
			if i < len(r.titles) && r.titles[i] != "" {
				title = r.titles[i]
			}
			added = append(added, grapevine.Entry{Label: title, Value: record.ManyLines(cell)})
		case r.own[i].title == ownTitle:
			rest = cell
		default:
			values[r.own[i]] = cell
		}
	}
	if err := readOwn(&found.Contact, func(o *ownColumn) string { return values[o] }, rest); err != nil {
		found.Notes = append(found.Notes, record.Note{Line: next.line, Field: ownTitle, Note: "the cell was changed, and what it held is not kept: " + err.Error()})
	}
	found.KeepReference()
	found.Contact.Custom = append(found.Contact.Custom, added...)
	return found
}

// readOwn makes a contact of the cells of Grapevine's own columns and of the rest in the last one.
func readOwn(c *grapevine.Contact, cell func(*ownColumn) string, last string) error {
	rest, err := parseRemainder(last)
	c.Kind = rest.kind()
	for _, column := range ownColumns {
		if value := cell(column); value != "" {
			column.set(c, value)
		}
	}
	for _, f := range grapevine.ContactFields {
		if f.Type == grapevine.RecordsField {
			f.Records.Compact(c) // a person may have emptied a cell
		}
	}
	rest.addTo(c)
	return err
}
