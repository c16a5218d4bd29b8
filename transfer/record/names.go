package record

import (
	"strings"
	"unicode"

	"grapevine"
)

// Names are the names of a contact, to compare many full names with them.
type Names struct {
	texts map[string]bool // other texts that people are called by
	words map[string]bool // nil if no part of a name is known
}

// NamesOf returns the names that a contact has now.
func NamesOf(c *grapevine.Contact) Names {
	n := Names{texts: map[string]bool{c.Company: true, c.Name: true}}
	for _, list := range [][]grapevine.Entry{c.Emails, c.Phones} {
		for _, e := range list {
			n.texts[e.Value] = true
		}
	}
	if c.FirstName+c.MiddleName+c.LastName != "" {
		n.words = Words(strings.Join([]string{c.Prefix, c.FirstName, c.MiddleName, c.LastName, c.Suffix, c.Nickname, c.Company}, " "))
	}
	return n
}

// Hold reports whether a full name tells nothing new: it is made of the contact's names, or is another of its fields.
func (n Names) Hold(name string) bool {
	return n.texts[name] || n.words != nil && HoldWords(n.words, name)
}

// Words are the words of a text. Case and punctuation do not matter.
func Words(text string) map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), isNoWord) {
		words[word] = true
	}
	return words
}

// HoldWords reports whether a text has no other words.
func HoldWords(words map[string]bool, text string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), isNoWord) {
		if !words[word] {
			return false
		}
	}
	return true
}

func isNoWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }
