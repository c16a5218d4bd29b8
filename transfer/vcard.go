package transfer

import (
	"io"
	"strings"
	"unicode"

	"github.com/emersion/go-vcard"

	"grapevine"
)

// vCards are written as version 3.0, which every address book reads; 2.1, 3.0 and 4.0 are read.

func writeVCard(w io.Writer, c *grapevine.Contact) error {
	card := vcard.Card{}
	add := func(field, value string, params vcard.Params) {
		if value != "" {
			card.Add(field, &vcard.Field{Value: strings.ReplaceAll(value, "\r", ""), Params: params})
		}
	}
	card.SetValue(vcard.FieldVersion, "3.0")
	add(vcard.FieldUID, c.ID, nil)
	add(vcard.FieldFormattedName, c.DisplayName(), nil)
	if c.Kind == grapevine.Organization {
		add(vcard.FieldName, structured(c.Name, "", "", "", ""), nil)
		add(vcard.FieldOrganization, structured(c.Name), nil)
		add("X-ABSHOWAS", "COMPANY", nil) // how address books tell that a 3.0 card is an organization
	} else {
		add(vcard.FieldName, structured(c.LastName, c.FirstName, "", "", ""), nil)
		if c.Company != "" {
			add(vcard.FieldOrganization, structured(c.Company), nil)
		}
	}
	add(vcard.FieldEmail, c.Email, nil)
	add(vcard.FieldTelephone, c.Phone, nil)
	add(vcard.FieldNote, c.Notes, nil)
	for _, t := range c.Tags {
		add(vcard.FieldCategories, t, nil) // one each: the encoder escapes the comma between two
	}
	for _, a := range c.Addresses {
		var params vcard.Params
		if label := plainParam(a.Label); label != "" {
			params = vcard.Params{vcard.ParamType: {label}}
		}
		add(vcard.FieldAddress, structured("", "", a.Street, a.City, a.Region, a.PostalCode, a.Country), params)
	}
	if !c.UpdatedAt.IsZero() {
		add(vcard.FieldRevision, c.UpdatedAt.UTC().Format("20060102T150405Z"), nil)
	}
	return vcard.NewEncoder(w).Encode(card)
}

// structured joins components; a semicolon inside one would begin the next.
func structured(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(p, ";", ",")
	}
	return strings.Join(parts, ";")
}

// plainParam keeps of a label what a parameter can hold without quoting.
func plainParam(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' {
			return r
		}
		return -1
	}, s)
}
