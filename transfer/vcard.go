package transfer

import (
	"bytes"
	"io"
	"strings"
	"unicode"

	"github.com/emersion/go-vcard"

	"grapevine"
)

// vCards are written as version 3.0, which every address book reads; 3.0 and 4.0 are read.

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

// readVCards reads every card of a file. Of several e-mail addresses or telephone numbers it takes
// the preferred one, or the first.
func readVCards(body []byte, found func(line) bool, fileErrors *FileErrors) {
	number, start, at := 0, 0, 0
	for rest := body; len(rest) > 0; {
		text, tail, _ := bytes.Cut(rest, []byte{'\n'})
		begin := len(body) - len(rest)
		rest = tail
		number++
		switch trimmed := strings.TrimSpace(string(text)); {
		case strings.EqualFold(trimmed, "BEGIN:VCARD"):
			if start > 0 && !found(line{number: start, unreadable: "this card does not end"}) {
				return
			}
			start, at = number, begin
		case strings.EqualFold(trimmed, "END:VCARD") && start > 0:
			l := line{number: start, unreadable: "this card cannot be read"}
			if card, err := vcard.NewDecoder(bytes.NewReader(body[at : len(body)-len(rest)])).Decode(); err == nil {
				l = line{number: start, contact: contactFromCard(card)}
			}
			if !found(l) {
				return
			}
			start = 0
		case start == 0 && trimmed != "":
			fileErrors.Add(LinePointer(number), "stands outside of a card")
			return
		}
	}
	if start > 0 {
		found(line{number: start, unreadable: "this card does not end"})
	}
}

func contactFromCard(card vcard.Card) grapevine.Contact {
	value := func(field string) string { return unescape(card.PreferredValue(field)) }
	c := grapevine.Contact{
		Kind:  grapevine.Person,
		Email: value(vcard.FieldEmail),
		Phone: strings.TrimPrefix(value(vcard.FieldTelephone), "tel:"),
		Notes: value(vcard.FieldNote),
	}
	name := components(card.PreferredValue(vcard.FieldName), 2)
	company := components(card.PreferredValue(vcard.FieldOrganization), 1)[0]
	full := value(vcard.FieldFormattedName)
	asCompany := strings.EqualFold(card.Value(vcard.FieldKind), "org") || strings.EqualFold(card.Value("X-ABSHOWAS"), "COMPANY")
	switch {
	case asCompany || company != "" && company == full:
		c.Kind, c.Name = grapevine.Organization, company
		if c.Name == "" {
			c.Name = full
		}
	case name[1] != "":
		c.FirstName, c.LastName, c.Company = name[1], name[0], company
	default: // only one name is known, and it must be the first
		c.FirstName, c.Company = full, company
		if c.FirstName == "" {
			c.FirstName = name[0]
		}
	}
	for _, f := range card[vcard.FieldCategories] {
		for tag := range strings.SplitSeq(f.Value, ",") {
			c.Tags = append(c.Tags, unescape(tag))
		}
	}
	for _, f := range card[vcard.FieldAddress] {
		p := components(f.Value, 7)
		a := grapevine.Address{Street: p[2], City: p[3], Region: p[4], PostalCode: p[5], Country: p[6]}
		if types := f.Params.Types(); len(types) > 0 {
			a.Label = types[0]
		}
		c.Addresses = append(c.Addresses, a)
	}
	return c
}

// components splits a structured value into at least n parts; the decoder leaves \; to us.
func components(s string, n int) []string {
	var parts []string
	from := 0
	for i := range len(s) {
		if s[i] == ';' && (i == 0 || s[i-1] != '\\') {
			parts = append(parts, unescape(s[from:i]))
			from = i + 1
		}
	}
	parts = append(parts, unescape(s[from:]))
	for len(parts) < n {
		parts = append(parts, "")
	}
	return parts
}

func unescape(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, `\;`, ";")) }
