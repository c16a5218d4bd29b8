package vcards

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// builder makes a contact of one card.
type builder struct {
	card      *vcard.Card
	row       record.Row
	labels    map[string]string // the X-ABLabel of each group, as it is
	names     []string          // the components of N
	fullNames []string
	orgs      [][]string // the parts of each ORG
	asCompany bool
	emails    []ranked[grapevine.Entry]
	phones    []ranked[grapevine.Entry]
	urls      []ranked[grapevine.Entry]
	addresses []ranked[grapevine.Address]
	dates     record.Entries
	relations record.Entries
	customs   record.Set[grapevine.Entry]
	tags      record.Set[string]
	notes     record.Set[string]

	addressWords map[string]map[string]bool // see [builder.wordsOfAddress]
}

// ranked is a value with its place by preference. 1 is the highest, as in version 4.0.
type ranked[T any] struct {
	rank  int
	value T
}

const notPreferred = 101

func rankOf(p *vcard.Property) int {
	if preference := p.Param("PREF"); preference != "" {
		if n, err := strconv.Atoi(preference); err == nil {
			return n
		}
		return 1
	}
	if slices.Contains(p.Types(), "pref") {
		return 1
	}
	return notPreferred
}

// inOrder returns the values with the preferred ones first.
func inOrder[T any](values []ranked[T]) (list []T) {
	slices.SortStableFunc(values, func(a, b ranked[T]) int { return cmp.Compare(a.rank, b.rank) })
	for _, v := range values {
		list = append(list, v.value)
	}
	return list
}

// handlers read the properties that have a field, by their names. All others go to the custom fields.
var handlers = func() map[string]func(*builder, *vcard.Property) {
	all := map[string]func(*builder, *vcard.Property){
		"N":                           (*builder).name,
		"FN":                          func(b *builder, p *vcard.Property) { b.fullNames = append(b.fullNames, b.line(p)) },
		"NICKNAME":                    func(b *builder, p *vcard.Property) { b.text("nickname", b.list(p)) },
		"ORG":                         (*builder).org,
		"TITLE":                       func(b *builder, p *vcard.Property) { b.text("title", b.line(p)) },
		"X-ABSHOWAS":                  func(b *builder, p *vcard.Property) { b.asCompany = strings.EqualFold(b.line(p), "company") },
		"EMAIL":                       (*builder).email,
		"TEL":                         (*builder).phone,
		"X-MS-TEL":                    (*builder).phone,
		"URL":                         (*builder).url,
		"ADR":                         (*builder).address,
		"LABEL":                       (*builder).addressLabel,
		"NOTE":                        (*builder).note,
		"CATEGORIES":                  (*builder).categories,
		"UID":                         func(b *builder, p *vcard.Property) { b.text("uid", b.line(p)) },
		"IMPP":                        (*builder).messaging,
		"X-SOCIALPROFILE":             (*builder).messaging,
		"SOCIALPROFILE":               (*builder).messaging,
		"RELATED":                     func(b *builder, p *vcard.Property) { b.related(b.label(p), p) },
		"X-ABRELATEDNAMES":            func(b *builder, p *vcard.Property) { b.related(b.label(p), p) },
		"X-ABDATE":                    func(b *builder, p *vcard.Property) { b.date(b.label(p), p) },
		"X-ANDROID-CUSTOM":            (*builder).android,
		"X-DEPARTMENT":                (*builder).department,
		"X-KADDRESSBOOK-X-DEPARTMENT": (*builder).department,
		"AGENT":                       func(b *builder, p *vcard.Property) { b.tell(p, omitted(p)) },
		"CLASS": func(b *builder, p *vcard.Property) {
			if !strings.EqualFold(b.line(p), "public") {
				b.other(p)
			}
		},
	}
	for name, label := range dateProperties {
		all[name] = func(b *builder, p *vcard.Property) { b.date(label, p) }
	}
	for name, label := range relatedProperties {
		all[name] = func(b *builder, p *vcard.Property) { b.related(label, p) }
	}
	for _, name := range technicalProperties {
		all[name] = func(*builder, *vcard.Property) {}
	}
	return all
}()

// read takes all properties of a card.
func (b *builder) read() {
	b.readLabels()
	for group, label := range b.labels {
		b.labels[group] = cleanAppleLabel(label)
	}
	for i := range b.card.Properties {
		p := &b.card.Properties[i]
		if p.Omitted {
			b.tell(p, omitted(p))
			continue
		}
		if p.Cut {
			b.tell(p, "the text is too long; its rest is left out")
		}
		if strings.Trim(p.Value, "; \t\r\n") == "" && p.Param("LABEL") == "" { // an address may have its text only
			continue
		}
		if handle, found := handlers[p.Name]; found {
			handle(b, p)
		} else {
			b.other(p)
		}
	}
	b.finish()
}

func (b *builder) readLabels() {
	b.labels = map[string]string{}
	for i := range b.card.Properties {
		if p := &b.card.Properties[i]; p.Name == "X-ABLABEL" && p.Group != "" {
			b.labels[strings.ToLower(p.Group)] = b.cutLabel(b.card.Text(p.Value))
		}
	}
}

// omitted says what the syntax left out.
func omitted(p *vcard.Property) string {
	switch p.Name {
	case "AGENT":
		return "the card inside this card is not kept"
	case "BEGIN":
		return "something that is no card stands inside this card; it is not kept"
	}
	return fmt.Sprintf("the %s is not kept", strings.ToLower(strings.TrimPrefix(p.Name, "X-")))
}

func (b *builder) tell(p *vcard.Property, note string) {
	b.row.Tell(p.Line, p.Name, note)
}

// line is a value as one line.
func (b *builder) line(p *vcard.Property) string { return record.OneLine(b.card.Text(p.Value)) }

// list is a list of values as one text.
func (b *builder) list(p *vcard.Property) string {
	return joinNonEmpty(b.card.Values(p.Value), ", ")
}

// joinNonEmpty joins texts as one line.
func joinNonEmpty(values []string, separator string) string {
	var kept []string
	for _, value := range values {
		if value = record.OneLine(value); value != "" {
			kept = append(kept, value)
		}
	}
	return strings.Join(kept, separator)
}

// text sets a text that is empty. A second value goes to the custom fields.
func (b *builder) text(field, value string) {
	text := grapevine.FieldNamed(field).Text(&b.row.Contact)
	switch {
	case *text == "":
		*text = value
	case *text != value:
		b.custom(field, value)
	}
}

func (b *builder) custom(label, value string) {
	if value != "" {
		b.customs.Add(grapevine.Entry{Label: label, Value: value})
	}
}

func (b *builder) note(p *vcard.Property) {
	b.notes.Add(record.ManyLines(b.card.Text(p.Value)))
}

// categories splits at unescaped commas. Version 2.1 has no escapes for them.
func (b *builder) categories(p *vcard.Property) {
	tags := b.card.Values(p.Value)
	if b.card.Version == vcard.Version21 {
		tags = strings.FieldsFunc(b.card.Text(p.Value), func(r rune) bool { return r == ',' || r == ';' })
	}
	for _, tag := range tags {
		b.addTag(record.OneLine(tag))
	}
}

func (b *builder) addTag(tag string) {
	if tag != "" && !record.IsNoTag(tag) {
		b.tags.Add(tag)
	}
}

func (b *builder) finish() {
	c := &b.row.Contact
	addAll := func(list *[]grapevine.Entry, values []ranked[grapevine.Entry]) {
		var entries record.Entries
		for _, e := range inOrder(values) {
			entries.Add(e.Label, e.Value, false)
		}
		*list = entries.AppendTo(*list)
	}
	addAll(&c.Emails, b.emails)
	addAll(&c.Phones, b.phones)
	addAll(&c.URLs, b.urls)
	record.PreferCallable(c.Phones)
	var addresses record.Set[grapevine.Address]
	for _, a := range inOrder(b.addresses) {
		addresses.Add(a)
	}
	c.Addresses = append(c.Addresses, addresses.List()...)
	c.Notes = strings.Join(b.notes.List(), "\n")
	b.finishName()
}

// finishLists fills the lists that any property can add to. It comes last.
func (b *builder) finishLists() {
	c := &b.row.Contact
	c.Dates = b.dates.AppendTo(c.Dates)
	c.Related = b.relations.AppendTo(c.Related)
	c.Custom = append(c.Custom, b.customs.List()...)
	c.Tags = append(c.Tags, b.tags.List()...)
}
