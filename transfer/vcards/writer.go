package vcards

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"grapevine"
)

// Version is a version of vCards that [Write] writes.
type Version string

// The versions that [Write] writes. Every address book reads 3.0.
const (
	V3 Version = "3.0"
	V4 Version = "4.0"
)

// Write writes a contact as a card. A [Reader] gives back the same, apart from the id, the workspace and the times.
func Write(w io.Writer, c *grapevine.Contact, version Version) error {
	card := cardWriter{version: version}
	card.contact(c)
	if _, err := io.WriteString(w, card.text.String()); err != nil {
		return fmt.Errorf("write a vCard: %w", err)
	}
	return nil
}

type cardWriter struct {
	version Version
	text    strings.Builder
	groups  int // that have an X-ABLabel
}

func (w *cardWriter) contact(c *grapevine.Contact) {
	isOrganization := c.Kind == grapevine.Organization
	w.line("BEGIN:VCARD")
	w.line("VERSION:" + string(w.version))
	w.line("PRODID:" + productID)
	w.property("UID", cmp.Or(c.UID, c.ID))
	fullName := c.DisplayName()
	if isOrganization {
		fullName = c.Name
		if w.version == V4 {
			w.property("KIND", "org")
		} else {
			w.property("X-ABShowAs", "COMPANY") // how address books tell that a 3.0 card is an organization
		}
	}
	w.line("FN:" + escape(fullName)) // it may be empty, and must be there
	w.line("N:" + structured(c.LastName, c.FirstName, c.MiddleName, c.Prefix, c.Suffix))
	w.property("NICKNAME", c.Nickname)
	w.org(c, isOrganization)
	w.property("TITLE", c.Title)
	for i, e := range c.Emails {
		w.entry("EMAIL", e.Label, escape(e.Value), i == 0 && len(c.Emails) > 1)
	}
	for i, e := range c.Phones {
		w.entry("TEL", e.Label, escape(e.Value), i == 0 && len(c.Phones) > 1)
	}
	for _, a := range c.Addresses {
		w.entry("ADR", a.Label, structured("", "", a.Street, a.City, a.Region, a.PostalCode, a.Country), false)
	}
	for _, e := range c.URLs {
		w.entry("URL", e.Label, oneLine(e.Value), false)
	}
	w.dates(c.Dates)
	for _, e := range c.Related {
		w.related(e)
	}
	if len(c.Tags) > 0 {
		tags := make([]string, len(c.Tags))
		for i, tag := range c.Tags {
			tags[i] = escape(tag)
		}
		w.line("CATEGORIES:" + strings.Join(tags, ","))
	}
	w.property("NOTE", c.Notes)
	for _, e := range c.Custom {
		w.labelled(ownCustom, e.Label, escape(e.Value))
	}
	w.property(ownOwner, c.Owner)
	w.property(ownOrganization, c.OrganizationID)
	if !c.UpdatedAt.IsZero() {
		w.line("REV:" + c.UpdatedAt.UTC().Format("20060102T150405Z"))
	}
	w.line("END:VCARD")
}

// org writes the company of a person, or the name of an organization, with the department.
func (w *cardWriter) org(c *grapevine.Contact, isOrganization bool) {
	name := c.Company
	if isOrganization {
		name = c.Name
		w.property(ownCompany, c.Company)
	} else {
		w.property(ownName, c.Name)
	}
	switch {
	case c.Department != "":
		w.line("ORG:" + structured(name, c.Department))
	case name != "":
		w.line("ORG:" + structured(name))
	}
}

// dates writes the first birthday and the first anniversary as properties of their own.
func (w *cardWriter) dates(dates []grapevine.Entry) {
	var seen []string
	for _, e := range dates {
		value := escape(e.Value)
		if w.version == V4 {
			value = "--" + strings.ReplaceAll(strings.TrimPrefix(value, "--"), "-", "")
			if !strings.HasPrefix(e.Value, "--") {
				value = strings.TrimPrefix(value, "--")
			}
		}
		first := !slices.Contains(seen, e.Label)
		seen = append(seen, e.Label)
		switch {
		case !first || ownDate(value) != e.Value:
			w.labelled("X-ABDATE", e.Label, escape(e.Value))
		case e.Label == birthday:
			w.line("BDAY:" + value)
		case e.Label == anniversary && w.version == V4:
			w.line("ANNIVERSARY:" + value)
		default:
			w.labelled("X-ABDATE", e.Label, value)
		}
	}
}

func (w *cardWriter) related(e grapevine.Entry) {
	switch {
	case w.version == V3:
		w.labelled("X-ABRELATEDNAMES", e.Label, escape(e.Value))
	case slices.Contains(ownRelations, e.Label):
		w.line("RELATED;VALUE=text;TYPE=" + e.Label + ":" + escape(e.Value))
	default:
		w.labelled("RELATED;VALUE=text", e.Label, escape(e.Value))
	}
}

// property writes a text, unless it is empty.
func (w *cardWriter) property(name, value string) {
	if value != "" {
		w.line(name + ":" + escape(value))
	}
}

// entry writes a value with its label: as types where there are some, so that every program understands it.
func (w *cardWriter) entry(name, label, value string, preferred bool) {
	i := slices.IndexFunc(ownLabels, func(known struct {
		label string
		types []string
	},
	) bool {
		return known.label == label
	})
	var types []string
	if i >= 0 {
		types = ownLabels[i].types
	}
	if preferred && w.version == V3 {
		types = append(slices.Clone(types), "pref")
	}
	if len(types) > 0 {
		list := strings.Join(types, ",")
		if w.version == V3 {
			list = strings.ToUpper(list)
		} else if len(types) > 1 {
			list = `"` + list + `"`
		}
		name += ";TYPE=" + list
	}
	if preferred && w.version == V4 {
		name += ";PREF=1"
	}
	if i >= 0 {
		w.line(name + ":" + value)
		return
	}
	w.labelled(name, label, value)
}

// labelled writes a value with a label as Apple's programs do.
func (w *cardWriter) labelled(name, label, value string) {
	if label == "" {
		w.line(name + ":" + value)
		return
	}
	w.groups++
	w.line(fmt.Sprintf("item%d.%s:%s", w.groups, name, value))
	w.line(fmt.Sprintf("item%d.X-ABLabel:%s", w.groups, escape(label)))
}

// maxLine is the length of a line in bytes after which it is folded.
const maxLine = 75

// line writes a line, folded between characters.
func (w *cardWriter) line(text string) {
	for limit := maxLine; len(text) > limit; limit = maxLine - 1 {
		end := limit
		for !utf8.RuneStart(text[end]) {
			end--
		}
		w.text.WriteString(text[:end])
		w.text.WriteString("\r\n ")
		text = text[end:]
	}
	w.text.WriteString(text)
	w.text.WriteString("\r\n")
}

var escaper = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\n", `\n`)

// escape makes a value of a text. It leaves out what a line cannot hold.
func escape(text string) string { return escaper.Replace(printable(text)) }

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

func oneLine(text string) string { return strings.ReplaceAll(printable(text), "\n", " ") }

func structured(parts ...string) string {
	for i, part := range parts {
		parts[i] = escape(part)
	}
	return strings.Join(parts, ";")
}
