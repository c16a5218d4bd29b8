package grapevine

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// MaxContactJSON is the largest JSON of a contact, in bytes, that is shown whole in a list or a frame. Only a direct edit
// stores a larger one.
const MaxContactJSON = 64 << 10

// Shorten cuts the texts and the lists of a contact if its JSON is longer than limit, and reports whether it did.
func (c *Contact) Shorten(limit int) bool {
	if c.jsonLength() <= limit {
		return false
	}
	for _, f := range ContactFields {
		f.shorten(c)
	}
	c.SetVirtual()
	if c.jsonLength() > limit {
		for _, f := range ContactFields {
			f.removeList(c)
		}
		c.Notes = ""
		c.SetVirtual()
	}
	return true
}

func (c *Contact) jsonLength() int {
	text, err := json.Marshal(c)
	if err != nil {
		return 0 // a time that JSON cannot hold, which Decode leaves out
	}
	return len(text)
}

func (f *Field) shorten(c *Contact) {
	switch f.Type {
	case TextField:
		*f.Text(c) = CutText(*f.Text(c), MaxName)
	case TextsField:
		list := f.Texts(c)
		*list = (*list)[:min(len(*list), f.MaxEntries)]
		for i := range *list {
			(*list)[i] = CutText((*list)[i], MaxName)
		}
	case RecordsField:
		f.Records.Limit(c, f.MaxEntries)
		for i := range f.Records.Len(c) {
			for j := range f.Records.SubFields() {
				*f.Records.Text(c, i, j) = CutText(*f.Records.Text(c, i, j), MaxName)
			}
		}
	case IDField:
	}
}

func (f *Field) removeList(c *Contact) {
	switch f.Type {
	case TextsField:
		*f.Texts(c) = []string{}
	case RecordsField:
		f.Records.Limit(c, 0)
	case TextField, IDField:
	}
}

// CutText returns the beginning of a text, at most limit bytes. The copy does not keep the whole text in memory.
func CutText(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end])
}
