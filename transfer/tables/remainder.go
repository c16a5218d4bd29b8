package tables

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"grapevine"
)

// remainder is what the other columns of Grapevine's own export do not hold of a contact: the last column, as JSON. A text
// stands for that of the columns; entries of a list follow those of the columns.
type remainder struct {
	Texts         map[string]string              `json:"texts,omitempty"`
	Tags          []string                       `json:"tags,omitempty"`
	Lists         map[string][]map[string]string `json:"lists,omitempty"`
	BirthdayPlace int                            `json:"birthdayPlace,omitempty"` // in the dates; the columns have it first
}

func parseRemainder(cell string) (rest remainder, err error) {
	if strings.TrimSpace(cell) == "" {
		return rest, nil
	}
	if err := json.Unmarshal([]byte(cell), &rest); err != nil {
		return remainder{}, fmt.Errorf("read its JSON: %w", err)
	}
	return rest, nil
}

func (r *remainder) empty() bool {
	return len(r.Texts)+len(r.Tags)+len(r.Lists) == 0 && r.BirthdayPlace == 0
}

func (r *remainder) kind() grapevine.Kind {
	if grapevine.Kind(r.Texts["kind"]) == grapevine.Organization {
		return grapevine.Organization
	}
	return grapevine.Person
}

// String is the text of the last column.
func (r *remainder) String() string {
	if r.empty() {
		return ""
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(r) // texts only
	return strings.TrimSuffix(b.String(), "\n")
}

// addTo gives c what the columns do not hold.
func (r *remainder) addTo(c *grapevine.Contact) {
	if place := r.BirthdayPlace; place > 0 && place < len(c.Dates) && birthdayPlace(c) == 0 {
		first := c.Dates[0]
		copy(c.Dates, c.Dates[1:place+1])
		c.Dates[place] = first
	}
	c.Tags = append(c.Tags, r.Tags...)
	for _, f := range grapevine.ContactFields {
		switch f.Type {
		case grapevine.TextsField:
		case grapevine.RecordsField:
			for _, record := range r.Lists[f.Name] {
				f.Records.Append(c)
				for i, sub := range f.Records.SubFields() {
					*f.Records.Text(c, f.Records.Len(c)-1, i) = record[sub.Name]
				}
			}
		case grapevine.TextField, grapevine.IDField:
			if text, found := r.Texts[f.Name]; found && f.Name != "kind" && f.Name != "workspace" {
				*f.Text(c) = text
			}
		}
	}
}

// remainderOf compares a contact with what the columns give back. skip are the fields whose columns must stay empty,
// because they cannot hold the values.
func remainderOf(c, columns *grapevine.Contact) (rest remainder, skip map[string]bool) {
	skip = map[string]bool{}
	for _, f := range grapevine.ContactFields {
		if f.Name == "workspace" || f.Equal(c, columns) {
			continue
		}
		switch f.Type {
		case grapevine.TextsField:
			rest.Tags, skip[f.Name] = c.Tags, true
		case grapevine.RecordsField:
			rest.addList(f, c, columns, skip)
		case grapevine.TextField, grapevine.IDField:
			if rest.Texts == nil {
				rest.Texts = map[string]string{}
			}
			rest.Texts[f.Name] = *f.Text(c)
			skip[f.Name] = f.Name != "kind"
		}
	}
	return rest, skip
}

// addList keeps the entries behind those of the columns, or all where the columns do not give the first ones back.
func (r *remainder) addList(f *grapevine.Field, c, columns *grapevine.Contact, skip map[string]bool) {
	if f.Name == "dates" {
		if place := birthdayPlace(c); place > 0 && place < len(columns.Dates) {
			moved := remainder{BirthdayPlace: place}
			moved.addTo(columns)
			r.BirthdayPlace = place
		}
	}
	first := c.Clone()
	f.Records.Limit(&first, f.Records.Len(columns))
	from := f.Records.Len(columns)
	if !f.Equal(&first, columns) {
		from, skip[f.Name] = 0, true
		if f.Name == "dates" {
			r.BirthdayPlace = 0
		}
	}
	for i := from; i < f.Records.Len(c); i++ {
		record := map[string]string{}
		for j, sub := range f.Records.SubFields() {
			if text := *f.Records.Text(c, i, j); text != "" {
				record[sub.Name] = text
			}
		}
		if r.Lists == nil {
			r.Lists = map[string][]map[string]string{}
		}
		r.Lists[f.Name] = append(r.Lists[f.Name], record)
	}
}
