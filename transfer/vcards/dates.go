package vcards

import (
	"cmp"
	"fmt"
	"strings"

	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// dateProperties are the properties that hold a date, with its label.
var dateProperties = map[string]string{
	"BDAY":                         "birthday",
	"X-BIRTHDAY":                   "birthday",
	"ANNIVERSARY":                  anniversary,
	"X-ANNIVERSARY":                anniversary,
	"X-EVOLUTION-ANNIVERSARY":      anniversary,
	"X-KADDRESSBOOK-X-ANNIVERSARY": anniversary,
	"X-MS-ANNIVERSARY":             anniversary,
	"DEATHDATE":                    "death",
}

const (
	birthday    = "birthday"
	anniversary = "anniversary"
)

// date keeps a date, or the text of what can be read in several ways or lacks a day.
func (b *builder) date(label string, p *vcard.Property) {
	text := b.line(p)
	if year := p.Param("X-APPLE-OMIT-YEAR"); year != "" {
		if rest, found := strings.CutPrefix(text, year+"-"); found {
			text = "--" + rest
		}
	}
	b.dateText(label, text, p)
}

func (b *builder) dateText(label, text string, p *vcard.Property) {
	if date, ok := record.ReadDate(text); ok {
		b.dates.Add(label, date, false)
		return
	}
	if record.IsNoDate(text) {
		return
	}
	b.custom(cmp.Or(label, "date"), text)
	b.tell(p, fmt.Sprintf("%q is no date that can be read in one way only; it is kept as a custom field", record.Shorten(text)))
}
