package vcards

import (
	"slices"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// productID marks the cards that Grapevine wrote.
const productID = "-//Grapevine//Contacts//EN"

// Properties of our own, for what a vCard has no place for.
const (
	ownCustom       = "X-GRAPEVINE-CUSTOM" // its X-ABLabel is the label
	ownOwner        = "X-GRAPEVINE-OWNER"
	ownOrganization = "X-GRAPEVINE-ORGANIZATION-ID"
	ownName         = "X-GRAPEVINE-NAME"    // of a person
	ownCompany      = "X-GRAPEVINE-COMPANY" // of an organization
)

// ownLabels are the labels that have a type of their own in files. All others are written as X-ABLabel.
var ownLabels = []struct {
	label string
	types []string
}{
	{"home", []string{"home"}},
	{"work", []string{"work"}},
	{"mobile", []string{"cell"}},
	{"pager", []string{"pager"}},
	{"fax", []string{"fax"}},
	{"home fax", []string{"home", "fax"}},
	{"work fax", []string{"work", "fax"}},
}

// ownRelations are the labels of people that are types in version 4.0.
var ownRelations = strings.Fields(`contact acquaintance friend met co-worker colleague co-resident neighbor child parent sibling spouse kin
	muse crush date sweetheart agent emergency`)

func isOwn(card *vcard.Card) bool {
	p := card.First("PRODID")
	return p != nil && strings.TrimSpace(card.Text(p.Value)) == productID
}

// readOwn reads what [Write] wrote, without any rule, so that what goes out comes back.
func (b *builder) readOwn() {
	b.readLabels()
	c := &b.row.Contact
	c.Kind = grapevine.Person
	fullName, orgName := "", ""
	for i := range b.card.Properties {
		p := &b.card.Properties[i]
		text := b.card.Text(p.Value)
		switch p.Name {
		case "PRODID", "REV", "X-ABLABEL":
		case "FN":
			fullName = text
		case "KIND", "X-ABSHOWAS":
			c.Kind = grapevine.Organization
		case "N":
			for j, field := range []*string{&c.LastName, &c.FirstName, &c.MiddleName, &c.Prefix, &c.Suffix} {
				*field = b.part(p, j)
			}
		case "ORG":
			orgName, c.Department = b.part(p, 0), b.part(p, 1)
		case "CATEGORIES":
			c.Tags = append(c.Tags, b.card.Values(p.Value)...)
		case "ADR":
			c.Addresses = append(c.Addresses, grapevine.Address{
				Label: b.ownLabel(p), Street: b.part(p, adrStreet), City: b.part(p, adrCity), Region: b.part(p, adrRegion),
				PostalCode: b.part(p, adrPostalCode), Country: b.part(p, adrCountry),
			})
		default:
			b.readOwnText(p, text)
		}
	}
	if c.Kind == grapevine.Organization {
		c.Name = fullName
	} else {
		c.Company = orgName
	}
	b.readOwnNames()
	b.row.KeepReference()
	c.Custom = append(c.Custom, b.customs.List()...) // what somebody added
}

// readOwnNames reads the names that the other kind of contact usually has.
func (b *builder) readOwnNames() {
	if p := b.card.First(ownName); p != nil {
		b.row.Contact.Name = b.card.Text(p.Value)
	}
	if p := b.card.First(ownCompany); p != nil {
		b.row.Contact.Company = b.card.Text(p.Value)
	}
}

// readOwnText reads a property with one text.
func (b *builder) readOwnText(p *vcard.Property, text string) {
	c := &b.row.Contact
	add := func(list *[]grapevine.Entry, label, value string) {
		*list = append(*list, grapevine.Entry{Label: label, Value: value})
	}
	switch p.Name {
	case "EMAIL":
		add(&c.Emails, b.ownLabel(p), text)
	case "TEL":
		add(&c.Phones, b.ownLabel(p), text)
	case "URL":
		add(&c.URLs, b.ownLabel(p), p.Value) // a URI has no escapes
	case "BDAY":
		add(&c.Dates, birthday, ownDate(text))
	case "ANNIVERSARY":
		add(&c.Dates, anniversary, ownDate(text))
	case "X-ABDATE":
		add(&c.Dates, b.ownLabel(p), ownDate(text))
	case "X-ABRELATEDNAMES", "RELATED":
		add(&c.Related, b.ownLabel(p), text)
	case ownCustom:
		add(&c.Custom, b.ownLabel(p), text)
	case "NICKNAME":
		c.Nickname = text
	case "TITLE":
		c.Title = text
	case "NOTE":
		c.Notes = text
	case "UID":
		c.UID = text
	case ownOwner:
		c.Owner = text
	case ownOrganization:
		c.OrganizationID = text
	case ownName, ownCompany:
	default: // somebody added it
		if p.Omitted {
			b.tell(p, omitted(p))
		} else {
			b.other(p)
		}
	}
	if p.Cut {
		b.tell(p, "the text is too long; its rest is left out")
	}
}

// part is a component of a structured value.
func (b *builder) part(p *vcard.Property, i int) string {
	if parts := b.card.Parts(p.Value); i < len(parts) {
		return parts[i]
	}
	return ""
}

func (b *builder) ownLabel(p *vcard.Property) string {
	if label, found := b.labels[strings.ToLower(p.Group)]; found && p.Group != "" {
		return label
	}
	types := slices.DeleteFunc(p.Types(), func(t string) bool { return t == "pref" })
	for _, known := range ownLabels {
		if slices.Equal(known.types, types) {
			return known.label
		}
	}
	return strings.Join(types, " ")
}

// ownDate undoes the short form of version 4.0.
func ownDate(text string) string {
	if date, ok := record.ReadDate(text); ok {
		return date
	}
	return text
}
