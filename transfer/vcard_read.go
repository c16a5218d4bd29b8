package transfer

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"grapevine"
	"grapevine/transfer/vcard"
)

// readVCards reads every card of a file. Of several e-mail addresses or telephone numbers it takes the preferred one, or
// the first.
func readVCards(body []byte, found func(line) bool, _ *FileErrors) {
	reader := vcard.NewReader(bytes.NewReader(body), func(text []byte) string { return string(text) })
	for {
		card, err := reader.Next()
		l := line{number: card.Line}
		if problem, ok := errors.AsType[*vcard.Problem](err); ok {
			l = line{number: problem.Line, unreadable: problem.Reason}
		} else if err != nil {
			return // the end: bytes in memory have no other error
		} else {
			l.contact = contactFromCard(&card)
		}
		if !found(l) {
			return
		}
	}
}

func contactFromCard(card *vcard.Card) grapevine.Contact {
	text := func(name string) string { return strings.TrimSpace(card.Text(preferred(card, name).Value)) }
	c := grapevine.Contact{
		Kind:  grapevine.Person,
		Email: text("EMAIL"),
		Phone: strings.TrimPrefix(text("TEL"), "tel:"),
		Notes: text("NOTE"),
	}
	name := components(card, preferred(card, "N"), 2)
	company := components(card, preferred(card, "ORG"), 1)[0]
	full := text("FN")
	asCompany := strings.EqualFold(text("KIND"), "org") || strings.EqualFold(text("X-ABSHOWAS"), "COMPANY")
	switch {
	case asCompany || company != "" && company == full:
		c.Kind, c.Name = grapevine.Organization, cmp.Or(company, full)
	case name[1] != "":
		c.FirstName, c.LastName, c.Company = name[1], name[0], company
	default: // only one name is known, and it must be the first
		c.FirstName, c.Company = cmp.Or(full, name[0]), company
	}
	for i := range card.Properties {
		switch p := &card.Properties[i]; p.Name {
		case "CATEGORIES":
			for _, values := range card.Components(p.Value) {
				for _, tag := range values {
					c.Tags = append(c.Tags, strings.TrimSpace(tag))
				}
			}
		case "ADR":
			part := components(card, p, 7)
			a := grapevine.Address{Street: part[2], City: part[3], Region: part[4], PostalCode: part[5], Country: part[6]}
			if types := p.Types(); len(types) > 0 {
				a.Label = types[0]
			}
			c.Addresses = append(c.Addresses, a)
		}
	}
	return c
}

// preferred returns the property of that name that the card prefers, else its first one, else an empty one.
func preferred(card *vcard.Card, name string) *vcard.Property {
	best, bestRank := &vcard.Property{}, 0
	for i := range card.Properties {
		if p := &card.Properties[i]; p.Name == name && (best.Name == "" || rank(p) < bestRank) {
			best, bestRank = p, rank(p)
		}
	}
	return best
}

// rank orders properties by preference: 1 is the highest, as in version 4.0.
func rank(p *vcard.Property) int {
	const none = 101
	if n, err := strconv.Atoi(p.Param("PREF")); err == nil {
		return n
	}
	if slices.Contains(p.Types(), "pref") {
		return 1
	}
	return none
}

// components returns the first n components of a structured value, each as one text.
func components(card *vcard.Card, p *vcard.Property, n int) []string {
	parts := make([]string, n)
	for i, values := range card.Components(p.Value) {
		if i < n {
			parts[i] = strings.TrimSpace(strings.Join(values, ", "))
		}
	}
	return parts
}
