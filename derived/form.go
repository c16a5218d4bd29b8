package derived

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// Form is the derived part of a contact, the field _form in MongoDB. Words, Phones and Facets are separate arrays, because
// MongoDB's planner combines two conditions on one array badly.
type Form struct {
	Name    string   `bson:"name"`    // sort text; NoText if the contact has nothing that it can be called by
	Company string   `bson:"company"` // sort text; NoText if the contact has none
	Created int64    `bson:"created"` // milliseconds since 1970, as the contact is shown
	Updated int64    `bson:"updated"` // likewise
	Words   []string `bson:"w"`       // a [Class], a colon and a word; each word is there once, in its best class
	Phones  []string `bson:"p"`       // see [international]
	Facets  []string `bson:"f"`       // see [TagFacet] and the others
	Of      string   `bson:"of"`      // the version, a point, and a hash of what [Of] reads; see [IsNewer]
}

// Class says in which fields a word is. It is the first letter of an entry of [Form.Words].
type Class string

// The classes, the best one first. A phone number comes after all of them.
const (
	ClassName  Class = "n" // all parts of a name, and the nickname
	ClassEmail Class = "e"
	ClassWork  Class = "c" // company, title, tags
)

// Classes are all classes of words, the best one first. It must not be changed.
var Classes = []Class{ClassName, ClassEmail, ClassWork}

// Entry is the entry of [Form.Words] for a word of the class. It is also the start of the entries of all words that begin
// with the word.
func (c Class) Entry(word string) string { return string(c) + ":" + word }

// Facets of contacts that lack something.
const (
	NoEmailFacet = "e:0"
	NoPhoneFacet = "n:0"
)

// TagFacet is the entry of [Form.Facets] of contacts with the tag. Facets compare texts exactly but for their Unicode form.
func TagFacet(tag string) string { return facet("t:", tag) }

// OwnerFacet is the entry of contacts with the owner.
func OwnerFacet(owner string) string { return facet("o:", owner) }

// CompanyFacet is the entry of contacts with the company.
func CompanyFacet(company string) string { return facet("c:", company) }

// KindFacet is the entry of contacts of the kind.
func KindFacet(kind grapevine.Kind) string { return facet("k:", string(kind)) }

// OrganizationFacet is the entry of contacts of the organization.
func OrganizationFacet(id string) string { return facet("p:", id) }

// facet keeps one character more than a filter can have, so that a filter never finds a longer text.
func facet(prefix, value string) string {
	return prefix + firstCharacters(norm.NFC.String(firstCharacters(value, 4*grapevine.MaxName)), grapevine.MaxName+1)
}

// Of makes the derived part of a contact. It is bounded, whatever the contact holds.
func Of(c *grapevine.Contact) Form {
	return Form{
		Name:    NameText(c),
		Company: CompanyText(c.Company),
		Created: c.CreatedAt.UnixMilli(),
		Updated: c.UpdatedAt.UnixMilli(),
		Words:   wordEntries(c),
		Phones:  allPhoneEntries(c),
		Facets:  facets(c),
		Of:      sourceHash(c),
	}
}

// CompanyText is the text by which lists order companies.
func CompanyText(company string) string { return cmp.Or(SortText(company), NoText) }

// NameText is the text by which lists order names: an organization's name, or a person's last, first and middle name and nickname, with a
// TAB between them. A part that is empty is left out. A contact without any of them is ordered by what people see instead.
func NameText(c *grapevine.Contact) string {
	if c.Kind == grapevine.Organization && c.Name != "" {
		return cmp.Or(SortText(c.Name), NoText)
	}
	var parts []string
	for _, part := range []string{c.LastName, c.FirstName, c.MiddleName, c.Nickname} {
		if text := SortText(part); text != "" {
			parts = append(parts, text)
		}
	}
	if len(parts) > 0 {
		return firstCharacters(strings.Join(parts, "\t"), MaxSortText)
	}
	return cmp.Or(SortText(c.DisplayName()), NoText)
}

func wordEntries(c *grapevine.Contact) []string {
	entries := make([]string, 0, 16)
	var seen map[string]bool // once there are too many to compare them
	isNew := func(word string) bool {
		if len(entries) <= maxCompared {
			return !slices.ContainsFunc(entries, func(entry string) bool { return entry[len("n:"):] == word })
		}
		if seen == nil {
			seen = map[string]bool{}
			for _, entry := range entries {
				seen[entry[len("n:"):]] = true
			}
		}
		repeated := seen[word]
		seen[word] = true
		return !repeated
	}
	add := func(class Class, text string) {
		if text == "" {
			return
		}
		for _, word := range Words(firstCharacters(text, grapevine.MaxEmail)) {
			if len(entries) < maxWords && isNew(word) {
				entries = append(entries, class.Entry(word))
			}
		}
	}
	for _, text := range []string{c.LastName, c.FirstName, c.MiddleName, c.Nickname, c.Name, c.Prefix, c.Suffix, unspacedName(c.LastName, c.FirstName)} {
		add(ClassName, text)
	}
	for _, email := range firstEntries(c.Emails) {
		add(ClassEmail, email.Value)
	}
	add(ClassWork, c.Company)
	add(ClassWork, c.Title)
	for _, tag := range firstEntries(c.Tags) {
		add(ClassWork, tag)
	}
	return entries
}

func allPhoneEntries(c *grapevine.Contact) []string {
	entries := make([]string, 0, 4*len(firstEntries(c.Phones)))
	for _, phone := range firstEntries(c.Phones) {
		entries = append(entries, phoneEntries(firstCharacters(phone.Value, grapevine.MaxPhone))...)
	}
	return unique(entries)
}

func facets(c *grapevine.Contact) []string {
	list := make([]string, 0, 6)
	add := func(present bool, facet string) {
		if present {
			list = append(list, facet)
		}
	}
	add(true, KindFacet(c.Kind))
	add(c.Owner != "", OwnerFacet(c.Owner))
	add(c.Company != "", CompanyFacet(c.Company))
	add(c.OrganizationID != "", OrganizationFacet(c.OrganizationID))
	add(len(c.Emails) == 0, NoEmailFacet)
	add(len(c.Phones) == 0, NoPhoneFacet)
	for _, tag := range firstEntries(c.Tags) {
		add(tag != "", TagFacet(tag))
	}
	return unique(list)
}

// firstEntries bounds a list, because one that somebody stored in MongoDB can have any length.
func firstEntries[T any](list []T) []T { return list[:min(len(list), grapevine.MaxEntries)] }
