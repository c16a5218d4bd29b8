package vcards

import (
	"slices"
	"strings"

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
	var further []string
	for i := adrParts; i < len(components); i++ {
		further = append(further, lines(i)...)
	}
	b.addressText(&a, strings.Join(further, "\n"))
	b.addressText(&a, record.ManyLines(b.card.Text(p.Param("LABEL"))))
	if a != (grapevine.Address{Label: a.Label}) {
		b.addresses = append(b.addresses, ranked[grapevine.Address]{rankOf(p), a})
	}
}

// addressLabel reads LABEL, the text of an address as it stands on a letter. It is an address where the card has no other
// of its types.
func (b *builder) addressLabel(p *vcard.Property) {
	text, label := record.ManyLines(b.card.Text(p.Value)), b.label(p)
	if words, found := b.wordsOfAddress(label); found {
		if !record.HoldWords(words, text) {
			b.custom(customAddress, text)
		}
		return
	}
	b.addresses = append(b.addresses, ranked[grapevine.Address]{rankOf(p), grapevine.Address{Label: label, Street: text}})
}

// customAddress is the label of the text of an address that tells more than its parts.
const customAddress = "address label"

// wordsOfAddress returns the words of the card's first ADR with a label. All are made at once, because a card can have
// thousands of LABEL and of ADR.
func (b *builder) wordsOfAddress(label string) (words map[string]bool, found bool) {
	if b.addressWords == nil {
		b.addressWords = map[string]map[string]bool{}
		for i := range b.card.Properties {
			p := &b.card.Properties[i]
			if p.Name != "ADR" || strings.Trim(p.Value, "; ") == "" {
				continue
			}
			if label := b.label(p); b.addressWords[label] == nil {
				b.addressWords[label] = record.Words(strings.Join(slices.Concat(b.card.Components(p.Value)...), "\n"))
			}
		}
	}
	words, found = b.addressWords[label]
	return words, found
}

// addressText keeps the text of an address if it holds a word that the address does not have.
func (b *builder) addressText(a *grapevine.Address, text string) {
	if text == "" {
		return
	}
	switch words := record.Words(strings.Join([]string{a.Street, a.City, a.Region, a.PostalCode, a.Country}, " ")); {
	case len(words) == 0:
		a.Street = text
	case !record.HoldWords(words, text):
		b.custom(customAddress, text)
	}
}
