package vcards

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// noLabels are types that say nothing to a person.
var noLabels = []string{"pref", "internet", "voice", "dom", "intl", "parcel", "postal"}

const fax = "fax"

// appleLabel is how Apple writes a label that it translates.
var appleLabel = regexp.MustCompile(`^_\$!<(.*)>!\$_$`)

// appleFaxes are Apple's labels of two words.
var appleFaxes = map[string]string{"homefax": "home fax", "workfax": "work fax", "otherfax": "other fax"}

// cleanAppleLabel makes a label of an X-ABLabel.
func cleanAppleLabel(label string) string {
	label = record.OneLine(label)
	if match := appleLabel.FindStringSubmatch(label); match != nil {
		label = strings.ToLower(match[1])
		label = cmp.Or(appleFaxes[label], label)
	}
	label, _ = record.CleanLabel(label)
	return label
}

// cutLabel cuts a label that is too long. The whole is kept as a custom field.
func (b *builder) cutLabel(label string) string {
	short, whole := record.CutLabel(label)
	b.custom("label", record.ManyLines(whole))
	return short
}

// label is the X-ABLabel of the property's group, else its first type that says something.
func (b *builder) label(p *vcard.Property) string {
	if label := b.labels[strings.ToLower(p.Group)]; label != "" && p.Group != "" {
		return label
	}
	return b.cutLabel(labelOfTypes(p))
}

// labelOfTypes is the label that an Android phone wrote, or the first type that says something. A fax says so beside it
// ("work fax"), because otherwise people would call it.
func labelOfTypes(p *vcard.Property) string {
	if label := record.OneLine(p.Param(vcard.CustomLabel)); label != "" {
		return label
	}
	types := p.Types()
	for i := range types {
		types[i] = strings.TrimPrefix(types[i], "x-")
	}
	types = slices.DeleteFunc(types, func(t string) bool { return slices.Contains(noLabels, t) })
	isFax := slices.Contains(types, fax)
	types = slices.DeleteFunc(types, func(t string) bool { return t == fax })
	label := ""
	if len(types) > 0 {
		label, _ = record.CleanLabel(types[0])
	}
	if isFax {
		label = strings.TrimSpace(label + " " + fax)
	}
	return label
}

func (b *builder) email(p *vcard.Property) {
	text, rank, label := b.line(p), rankOf(p), b.label(p)
	values := []string{text}
	if _, _, ok := record.CleanEmail(text); !ok { // several addresses, or none
		parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
		if !slices.ContainsFunc(parts, func(part string) bool { _, _, ok := record.CleanEmail(part); return !ok }) {
			values = parts
		}
	}
	for _, value := range values {
		address, name, ok := record.CleanEmail(value)
		if !ok {
			address = value // record.Fit keeps it elsewhere
		}
		if name != "" && len(b.fullNames) == 0 && b.names == nil {
			b.fullNames = append(b.fullNames, name)
		}
		b.emails = append(b.emails, ranked[grapevine.Entry]{rank, grapevine.Entry{Label: label, Value: address}})
	}
}

func (b *builder) phone(p *vcard.Property) {
	b.phones = append(b.phones, ranked[grapevine.Entry]{rankOf(p), grapevine.Entry{Label: b.label(p), Value: phoneNumber(b.line(p))}})
}

// phoneNumber makes text of a tel: URI. Other text stays as it is.
func phoneNumber(text string) string {
	scheme, rest, found := strings.Cut(text, ":")
	if !found || !strings.EqualFold(strings.TrimSpace(scheme), "tel") {
		return text
	}
	parts := strings.Split(rest, ";")
	var before, ext string
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "=")
		value = strings.TrimSpace(unescapeURI(value))
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "ext":
			ext = cmp.Or(ext, " ext. "+value)
		case "phone-context":
			if strings.HasPrefix(value, "+") { // it is the beginning of the number
				before = cmp.Or(before, value+" ")
			}
		}
	}
	return before + strings.TrimSpace(unescapeURI(parts[0])) + ext
}

func unescapeURI(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

func (b *builder) url(p *vcard.Property) {
	b.urls = append(b.urls, ranked[grapevine.Entry]{rankOf(p), grapevine.Entry{Label: b.label(p), Value: b.line(p)}})
}

// hasScheme matches the beginning of a URI.
var hasScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)

// related keeps people by name. A reference to another card names nobody.
func (b *builder) related(label string, p *vcard.Property) {
	text := b.line(p)
	if hasScheme.MatchString(text) && !strings.EqualFold(p.Param("VALUE"), "text") {
		b.custom(cmp.Or(label, "related"), text)
		return
	}
	b.relations.Add(label, text, false)
}

// messaging keeps the name of a service and of a user there, such as skype and alice of skype:alice.
func (b *builder) messaging(p *vcard.Property) {
	text := b.line(p)
	label := record.OneLine(cmp.Or(p.Param("X-SERVICE-TYPE"), p.Param("SERVICE-TYPE")))
	if label == "" && p.Name != "IMPP" {
		label = b.label(p)
	}
	if match := hasScheme.FindStringSubmatch(text); match != nil && !strings.HasPrefix(text[len(match[0]):], "//") {
		label, text = cmp.Or(label, strings.ToLower(match[1])), unescapeURI(text[len(match[0]):])
	}
	b.custom(cmp.Or(label, b.label(p), "messaging"), text)
}
