package vcards

import (
	"cmp"
	"strings"

	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// relatedProperties are the properties that hold a person's name, with its label.
var relatedProperties = map[string]string{
	"X-SPOUSE":                        "spouse",
	"X-EVOLUTION-SPOUSE":              "spouse",
	"X-KADDRESSBOOK-X-SPOUSESNAME":    "spouse",
	"X-MS-SPOUSE":                     "spouse",
	"X-ASSISTANT":                     "assistant",
	"X-EVOLUTION-ASSISTANT":           "assistant",
	"X-KADDRESSBOOK-X-ASSISTANTSNAME": "assistant",
	"X-MS-ASSISTANT":                  "assistant",
	"X-MANAGER":                       "manager",
	"X-EVOLUTION-MANAGER":             "manager",
	"X-KADDRESSBOOK-X-MANAGERSNAME":   "manager",
	"X-MS-MANAGER":                    "manager",
	"X-MS-CHILD":                      "child",
	"X-SPOUSESNAME":                   "spouse",
	"X-ASSISTANTSNAME":                "assistant",
	"X-MANAGERSNAME":                  "manager",
}

// technicalProperties say nothing about the contact.
var technicalProperties = strings.Fields(`VERSION PRODID REV KIND PROFILE CLIENTPIDMAP CREATED MEMBER END X-ABLABEL X-ABUID X-ABADR
	X-ADDRESSBOOKSERVER-KIND X-ADDRESSBOOKSERVER-MEMBER X-ABCROP-RECTANGLE X-ABORDER X-IMAGETYPE X-IMAGEHASH X-SHARED-PHOTO-DISPLAY-PREF
	X-EVOLUTION-FILE-AS X-EVOLUTION-WEBDAV-ETAG X-EVOLUTION-LIST X-MS-SIGNATURE X-MOZILLA-HTML X-MOZILLA-PROPERTY X-MS-OL-DESIGN X-MS-OL-DEFAULT-POSTAL-ADDRESS
	X-RADICALE-NAME X-THUNDERBIRD-ETAG X-MS-OUTLOOK-ENTRYID X-APPLE-GUARDIAN-WHITELISTED X-CREATED X-ACCOUNT`)

// vendors begin the names of their own properties like this. The longer ones stand first.
var vendors = []string{"X-KADDRESSBOOK-X-", "X-KADDRESSBOOK-", "X-EVOLUTION-", "X-MS-OL-", "X-MS-", "X-MOZILLA-", "X-ANDROID-", "X-APPLE-", "X-"}

// usualLabels are better words for some properties.
var usualLabels = map[string]string{
	"X-SKYPE-USERNAME": "skype", "X-GTALK": "google talk", "X-GADUGADU": "gadu-gadu", "X-MS-IMADDRESS": "messaging", "TZ": "time zone",
	"LANG": "language", "X-MAIDENNAME": "maiden name", "SORT-STRING": "sort as", "SOUND": "phonetic name", "GEO": "position",
}

// other keeps a property that has no field. Its label is that of its group, or its name as people would write it.
func (b *builder) other(p *vcard.Property) {
	value := record.ManyLines(b.card.Text(p.Value))
	if p.Name == "SOUND" || p.Name == "GENDER" { // their parts are separated by semicolons
		value = joinNonEmpty(strings.Split(value, ";"), " ")
	}
	label := ""
	if b.labels[strings.ToLower(p.Group)] != "" {
		label = b.label(p)
	}
	b.custom(cmp.Or(label, nameAsLabel(p.Name)), value)
}

func nameAsLabel(name string) string {
	if label := usualLabels[name]; label != "" {
		return label
	}
	for _, vendor := range vendors {
		if rest, found := strings.CutPrefix(name, vendor); found && rest != "" {
			name = rest
			break
		}
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return ' '
		}
		return r
	}, name))
}

// Android's words for its numbers of kinds.
var (
	androidEvents    = map[string]string{"1": anniversary, "3": birthday}
	androidRelations = map[string]string{
		"1": "assistant", "2": "brother", "3": "child", "4": "domestic partner", "5": "father", "6": "friend", "7": "manager", "8": "mother",
		"9": "parent", "10": "partner", "11": "referred by", "12": "relative", "13": "sister", "14": "spouse",
	}
)

// android reads X-ANDROID-CUSTOM: the type of the data, its text, the number of its kind and a label, separated by semicolons.
func (b *builder) android(p *vcard.Property) {
	parts := b.card.Parts(p.Value)
	for len(parts) < 4 {
		parts = append(parts, "")
	}
	kind, text, number, label := parts[0], record.OneLine(parts[1]), parts[2], record.OneLine(parts[3])
	if text == "" {
		return
	}
	switch kind = kind[strings.LastIndexByte(kind, '/')+1:]; kind {
	case "nickname":
		b.text("nickname", text)
	case "contact_event":
		b.dateText(cmp.Or(androidEvents[number], label), text, p)
	case "relation":
		b.relations.Add(cmp.Or(androidRelations[number], label), text, false)
	default:
		b.custom(cmp.Or(label, strings.ReplaceAll(kind, "_", " ")), text)
	}
}
