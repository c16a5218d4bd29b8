// Package recordtest helps to test readers and writers of contact files.
package recordtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"grapevine"
	"grapevine/transfer/record"
)

// Brief writes a row in one line: the fields that are not empty, and how many notes there are.
func Brief(row record.Row) string {
	if row.Skipped != "" {
		return fmt.Sprintf("%d skipped", row.Line)
	}
	parts := []string{fmt.Sprint(row.Line)}
	for _, f := range grapevine.ContactFields {
		if f.Empty(&row.Contact) || f.Name == "kind" && row.Contact.Kind == grapevine.Person {
			continue
		}
		var value string
		var entries []string
		switch f.Type {
		case grapevine.TextsField:
			value = strings.Join(*f.Texts(&row.Contact), "+")
		case grapevine.RecordsField:
			for i := range f.Records.Len(&row.Contact) {
				var texts []string
				for j := range f.Records.SubFields() {
					texts = append(texts, *f.Records.Text(&row.Contact, i, j))
				}
				entries = append(entries, strings.Trim(strings.Join(texts, "|"), "|"))
			}
			value = strings.Join(entries, "+")
		default:
			value = *f.Text(&row.Contact)
		}
		parts = append(parts, f.Name+"="+strings.ReplaceAll(value, "\n", "/"))
	}
	if len(row.Notes) > 0 {
		parts = append(parts, fmt.Sprintf("notes: %d", len(row.Notes)))
	}
	return strings.Join(parts, "; ")
}

// nasty are texts that a table or a program could misread.
var nasty = []string{
	"a", "Lena", "é", "e\u0301", "山田", "👩‍👩‍👧", "שלום", "\u2067שלום\u2069", ";", ",", "|", "\\", "\\n", `"`, `""`, `",`, "'", "''", "=1+1", "=", "+", "-", "@",
	"＝", "'=x", "''+", "+49 (0) 555/01-50", "-1", "--04-12", " ::: ", ":::", "* ", "* myContacts", "http://", "sep=;", "\ufeff", " ", "\t", "\u00a0",
	"\u200b", "\u2028", "<", ">", "&", "{}", "[", "null", `="0123"`, "0123", "n/a", "myContacts", "birthday", "Name", "\\.", "#",
}

func nastyText(r *rand.Rand, lines bool) string {
	var text strings.Builder
	for range 1 + r.IntN(4) {
		text.WriteString(nasty[r.IntN(len(nasty))])
		if lines && r.IntN(4) == 0 {
			text.WriteString([]string{"\n", "\n\n", "\n\""}[r.IntN(3)])
		}
	}
	return text.String()
}

// NastyContact is a contact of such texts. It may be one that a contact cannot be.
func NastyContact(r *rand.Rand) grapevine.Contact {
	c := grapevine.NewContact()
	for _, f := range grapevine.ContactFields {
		if r.IntN(3) == 0 {
			continue
		}
		switch f.Type {
		case grapevine.TextField:
			*f.Text(&c) = nastyText(r, f.Controls != "")
		case grapevine.TextsField:
			for range r.IntN(4) {
				*f.Texts(&c) = append(*f.Texts(&c), nastyText(r, false))
			}
		case grapevine.RecordsField:
			for i := range r.IntN(9) {
				f.Records.Append(&c)
				for j, sub := range f.Records.SubFields() {
					text := nastyText(r, sub.Controls != "")
					switch {
					case f.Name == "emails" && sub.Name == "value":
						text = strings.Join(strings.Fields(strings.ReplaceAll(text, "@", "")+"@example.com"), "")
					case f.Name == "dates" && sub.Name == "value":
						text = []string{"1984-05-06", "--02-29"}[r.IntN(2)]
					case sub.Name == "label" && r.IntN(3) == 0:
						text = []string{"", "birthday", "work"}[r.IntN(3)]
					}
					*f.Records.Text(&c, i, j) = text
				}
			}
		case grapevine.IDField:
			*f.Text(&c) = "000000000000000000000001"
		}
	}
	c.Workspace, c.Kind = "default", []grapevine.Kind{grapevine.Person, grapevine.Organization}[r.IntN(2)]
	return c
}

// LargeNastyContact is a valid contact of such texts with all that it can hold: full lists of short texts, or shorter lists of
// texts as long as their fields allow.
func LargeNastyContact(r *rand.Rand) grapevine.Contact {
	c := grapevine.NewContact()
	c.Workspace, c.Kind = "default", []grapevine.Kind{grapevine.Person, grapevine.Organization}[r.IntN(2)]
	c.OrganizationID = "000000000000000000000001"
	for _, f := range grapevine.ContactFields {
		if f.Type == grapevine.TextField && f.Name != "notes" && f.Max > 0 {
			*f.Text(&c) = longText(r, f.Max, f.Controls)
		}
	}
	longest := []int{5, 50, 1000}[r.IntN(3)]
	for n := range grapevine.MaxEntries { // one of each list after the other, so that all are long
		for _, f := range grapevine.ContactFields {
			if over(&c) {
				break
			}
			switch f.Type {
			case grapevine.TextsField:
				*f.Texts(&c) = append(*f.Texts(&c), longText(r, min(f.Max, longest), f.Controls))
			case grapevine.RecordsField:
				f.Records.Append(&c)
				for j, sub := range f.Records.SubFields() {
					*f.Records.Text(&c, n, j) = recordText(r, f, sub, n, longest)
				}
			case grapevine.TextField, grapevine.IDField:
			}
		}
	}
	c.Notes = grapevine.CutText(longText(r, grapevine.MaxNotes, "\n\t"), grapevine.MaxContactBytes-c.TextBytes())
	return c
}

// over reports whether a contact has no room for another long record.
func over(c *grapevine.Contact) bool { return c.TextBytes() > grapevine.MaxContactBytes-8_000 }

func recordText(r *rand.Rand, f *grapevine.Field, sub grapevine.SubField, n, longest int) string {
	switch {
	case f.Name == "emails" && sub.Name == "value":
		text := strings.ReplaceAll(longText(r, min(sub.Max-len("@example.com"), longest), ""), "@", "")
		return strings.Join(strings.Fields(text), "") + "@example.com"
	case f.Name == "dates" && sub.Name == "value":
		return []string{"1984-05-06", "--02-29"}[r.IntN(2)]
	case sub.Name == "label" && n%3 == 0:
		return []string{"", "birthday", "work", "work fax", "anniversary"}[r.IntN(5)]
	}
	return longText(r, min(sub.Max, longest), sub.Controls)
}

// longText has so many characters of all kinds.
func longText(r *rand.Rand, characters int, controls string) string {
	var text strings.Builder
	for n := 0; ; {
		part := strings.Map(func(c rune) rune {
			if unicode.IsControl(c) && !strings.ContainsRune(controls, c) || c == '\u2028' && controls == "" {
				return -1
			}
			return c
		}, nastyText(r, controls != ""))
		if n += utf8.RuneCountInString(norm.NFC.String(part)); n >= characters {
			return text.String() + "."
		}
		text.WriteString(part)
	}
}
