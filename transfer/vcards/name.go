package vcards

import (
	"cmp"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// nameParts is how many components N has: last, first, middle, prefix and suffix.
const nameParts = 5

// name reads N. A card has one; of another one the text is kept.
func (b *builder) name(p *vcard.Property) {
	var parts []string
	for _, values := range b.card.Components(p.Value) {
		parts = append(parts, joinNonEmpty(values, " "))
	}
	for len(parts) < nameParts {
		parts = append(parts, "")
	}
	if b.names != nil {
		b.custom("name", joinNonEmpty([]string{parts[3], parts[1], parts[2], parts[0], parts[4]}, " "))
		return
	}
	b.names = parts
}

func (b *builder) org(p *vcard.Property) {
	var parts []string
	for _, part := range b.card.Parts(p.Value) {
		if part = record.OneLine(part); part != "" || len(parts) == 0 { // the company may be empty, and the department not
			parts = append(parts, part)
		}
	}
	b.orgs = append(b.orgs, parts)
}

func (b *builder) department(p *vcard.Property) { b.text("department", b.line(p)) }

// finishName decides whether the card is a person, and what its names are.
func (b *builder) finishName() {
	c := &b.row.Contact
	c.Kind = grapevine.Person
	if b.names != nil {
		c.LastName, c.FirstName, c.MiddleName, c.Prefix, c.Suffix = b.names[0], b.names[1], b.names[2], b.names[3], b.names[4]
	}
	b.finishOrgs()
	if b.isOrganization() {
		b.finishOrganization()
	}
	names := record.NamesOf(c)
	for _, name := range b.fullNames {
		switch {
		case name == "" || name == c.Name || strings.EqualFold(name, c.Nickname) || names.Hold(name):
		case c.FirstName+c.MiddleName+c.LastName == "" && c.Kind == grapevine.Person:
			record.TakeName(name, c)
			names = record.NamesOf(c)
		case c.Nickname == "":
			c.Nickname = name
			names = record.NamesOf(c)
		default:
			b.custom("display name", name)
		}
	}
	if len(b.names) > nameParts { // later standards repeat parts of the name there
		if more := joinNonEmpty(b.names[nameParts:], " "); more != "" && !names.Hold(more) {
			b.custom("name", more)
		}
	}
}

// finishOrgs takes company and department from the first ORG.
func (b *builder) finishOrgs() {
	c := &b.row.Contact
	for i, parts := range b.orgs {
		if i == 0 {
			c.Company = parts[0]
			if department := strings.Join(parts[1:], ", "); department != "" {
				b.text("department", department)
			}
			continue
		}
		if text := joinNonEmpty(parts, ", "); text != c.Company {
			b.custom("company", text)
		}
	}
}

// isOrganization follows the card's own word. Without it, a card whose only name is that of its company is one.
func (b *builder) isOrganization() bool {
	c := &b.row.Contact
	if kind := kindOf(b.card); b.asCompany || kind == "org" || kind == "organization" {
		return true
	}
	full := joinNonEmpty(b.fullNames[:min(len(b.fullNames), 1)], "")
	if c.Company == "" || joinNonEmpty(b.names, "") != "" {
		return false
	}
	return strings.EqualFold(full, c.Company) || full == "" && c.Nickname == "" && len(c.Emails)+len(c.Phones) == 0
}

// finishOrganization gives an organization its name. A person's name on its card is that of a contact there.
func (b *builder) finishOrganization() {
	c := &b.row.Contact
	person := c.DisplayName()
	if joinNonEmpty([]string{c.Prefix, c.FirstName, c.MiddleName, c.LastName, c.Suffix}, "") == "" {
		person = ""
	}
	full := joinNonEmpty(b.fullNames[:min(len(b.fullNames), 1)], "")
	switch {
	case c.Company != "" && (b.asCompany || full == "" || full != c.Company && person != "" && record.NamesOf(c).Hold(full)):
		c.Name = c.Company
	default:
		c.Name = cmp.Or(full, person, c.Nickname)
	}
	if c.Name == c.Nickname {
		c.Nickname = ""
	}
	if strings.EqualFold(c.Company, c.Name) {
		c.Company = ""
	}
	same := strings.EqualFold(person, c.Name)
	if person != "" && !same {
		named := *c
		named.Name, named.Company, named.Nickname = "", "", ""
		if len(b.fullNames) > 0 && record.NamesOf(&named).Hold(full) {
			b.fullNames = b.fullNames[1:]
		}
		b.relations.Add("contact", person, false)
	}
	c.Prefix, c.FirstName, c.MiddleName, c.LastName, c.Suffix = "", "", "", "", ""
	c.Kind = grapevine.Organization
}
