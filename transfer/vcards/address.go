package vcards

import (
	"slices"
	"strings"
	"unicode"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// Components of ADR.
const (
	adrBox = iota
	adrExtended
	adrStreet
	adrCity
	adrRegion
	adrPostalCode
	adrCountry
	adrParts
)

func (b *builder) address(p *vcard.Property) {
	components := b.card.Components(p.Value)
	lines := func(i int) (lines []string) {
		if i < len(components) {
			for _, value := range components[i] {
				if value = record.ManyLines(value); value != "" {
					lines = append(lines, value)
				}
			}
		}
		return lines
	}
	text := func(i int) string { return joinNonEmpty(lines(i), ", ") }
	street := slices.Concat(lines(adrBox), lines(adrExtended), lines(adrStreet))
	a := grapevine.Address{
		Label: b.label(p), Street: strings.Join(street, "\n"),
		City: text(adrCity), Region: text(adrRegion), PostalCode: text(adrPostalCode), Country: text(adrCountry),
	}
	for i := adrParts; i < len(components); i++ {
		b.addressText(&a, strings.Join(lines(i), "\n"))
	}
	b.addressText(&a, record.ManyLines(b.card.Text(p.Param("LABEL"))))
	if a != (grapevine.Address{Label: a.Label}) {
		b.addresses = append(b.addresses, ranked[grapevine.Address]{rankOf(p), a})
	}
}

// addressLabel reads LABEL, the text of an address as it stands on a letter. It is an address where the card has no other
// of its types.
func (b *builder) addressLabel(p *vcard.Property) {
	text, label := record.ManyLines(b.card.Text(p.Value)), b.label(p)
	for i := range b.card.Properties {
		other := &b.card.Properties[i]
		if other.Name == "ADR" && b.label(other) == label && strings.Trim(other.Value, "; ") != "" {
			a := addressOf(b.card, other)
			b.addressText(&a, text)
			return
		}
	}
	b.addresses = append(b.addresses, ranked[grapevine.Address]{rankOf(p), grapevine.Address{Label: label, Street: text}})
}

// addressOf has all text of an ADR as its street.
func addressOf(card *vcard.Card, p *vcard.Property) grapevine.Address {
	var all []string
	for _, values := range card.Components(p.Value) {
		all = append(all, values...)
	}
	return grapevine.Address{Street: strings.Join(all, "\n")}
}

// addressText keeps the text of an address if it holds a word that the address does not have.
func (b *builder) addressText(a *grapevine.Address, text string) {
	words := func(text string) []string {
		return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	}
	switch known := words(strings.Join([]string{a.Street, a.City, a.Region, a.PostalCode, a.Country}, " ")); {
	case text == "":
	case len(known) == 0:
		a.Street = text
	case slices.ContainsFunc(words(text), func(word string) bool { return !slices.Contains(known, word) }):
		b.custom("address label", text)
	}
}
