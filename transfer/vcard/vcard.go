// Package vcard reads the syntax of vCards 2.1, 3.0 and 4.0 in the forms that real programs write. It knows nothing of
// contacts. Time is linear in the file and memory is bounded, whatever the file contains.
package vcard

import (
	"fmt"
	"slices"
	"strings"
)

// Version21 has other escapes than the versions after it.
const Version21 = "2.1"

// Card is one vCard.
type Card struct {
	Line       int    // of BEGIN:VCARD, from 1
	Version    string // such as "2.1"; empty if the card names none
	Properties []Property
	Problems   []Problem // what is left out of the card
}

func (c *Card) report(line int, format string, args ...any) {
	if len(c.Problems) < maxProblems {
		c.Problems = append(c.Problems, Problem{line, fmt.Sprintf(format, args...)})
	}
}

// continueNote adds a line to the note before it, if there is one: some programs do not indent the lines of a note.
func (c *Card) continueNote(line string) bool {
	last := len(c.Properties) - 1
	if last < 0 || c.Properties[last].Name != "NOTE" || len(c.Properties[last].Value)+len(line) > maxContinued {
		return false
	}
	c.Properties[last].Value += "\n" + line
	return true
}

// Property is one property of a card.
type Property struct {
	Line   int     // of its first line, from 1
	Group  string  // the text before the point, such as "item1"
	Name   string  // upper case
	Params []Param // in their order

	// Value is decoded text: unfolded, of any encoding and character set. Escapes are still in it; see [Card.Text] and
	// [Card.Components].
	Value string

	Omitted bool // the value was not kept: it is a picture, a key or a sound, or something else inside the card, such as a card
	Cut     bool // the value is only the beginning, because the whole is too long
}

// binaryProperties hold pictures, sounds and keys.
var binaryProperties = []string{"PHOTO", "LOGO", "SOUND", "KEY"}

// isBinary reports whether the value is no text. Japanese phones write how a name sounds as text.
func (p *Property) isBinary() bool {
	return slices.Contains(binaryProperties, p.Name) &&
		!slices.ContainsFunc(p.Types(), func(t string) bool { return strings.HasPrefix(t, "x-irmc") })
}

// size is about how many bytes the property takes.
func (p *Property) size() int {
	n := len(p.Group) + len(p.Name) + len(p.Value)
	for _, param := range p.Params {
		n += len(param.Name) + len(param.Value)
	}
	return n
}

// Param is one parameter of a property.
type Param struct {
	Name  string // upper case; TYPE for a parameter without a name, such as CELL in TEL;CELL:1
	Value string // without quotes
}

// Param returns the value of the first parameter of that name, or "".
func (p *Property) Param(name string) string {
	for _, param := range p.Params {
		if param.Name == name {
			return param.Value
		}
	}
	return ""
}

// Types returns the types of the property in lower case, in their order.
func (p *Property) Types() []string {
	var types []string
	for _, param := range p.Params {
		if param.Name == "TYPE" {
			for t := range strings.SplitSeq(param.Value, ",") {
				if t = strings.ToLower(strings.TrimSpace(t)); t != "" {
					types = append(types, t)
				}
			}
		}
	}
	return types
}

// First returns the first property of that name, or nil.
func (c *Card) First(name string) *Property {
	if i := slices.IndexFunc(c.Properties, func(p Property) bool { return p.Name == name }); i >= 0 {
		return &c.Properties[i]
	}
	return nil
}

// Text returns a value without its escapes. In version 2.1 a backslash is text, except before a semicolon.
func (c *Card) Text(value string) string {
	var b strings.Builder
	e := escapes{old: c.Version == Version21}
	for value != "" {
		char, rest, _ := e.next(value)
		b.WriteString(char)
		value = rest
	}
	return b.String()
}

// Parts splits a structured value whose components are no lists, such as that of ORG, at its semicolons.
func (c *Card) Parts(value string) []string { return c.split(value, ";") }

// Values splits a list, such as that of CATEGORIES, at its commas. Version 2.1 has no lists of values.
func (c *Card) Values(value string) []string {
	if c.Version == Version21 {
		return []string{c.Text(value)}
	}
	return c.split(value, ",")
}

func (c *Card) split(value, separator string) []string {
	e := escapes{old: c.Version == Version21}
	var parts []string
	var b strings.Builder
	for value != "" {
		char, rest, escaped := e.next(value)
		if char == separator && !escaped {
			parts = append(parts, b.String())
			b.Reset()
		} else {
			b.WriteString(char)
		}
		value = rest
	}
	return append(parts, b.String())
}

// Components splits a structured value, such as that of N, at its semicolons, and each component into its values at
// commas. Version 2.1 has no lists of values.
func (c *Card) Components(value string) [][]string {
	e := escapes{old: c.Version == Version21}
	var b strings.Builder
	components := [][]string{nil}
	end := func() {
		last := &components[len(components)-1]
		*last = append(*last, b.String())
		b.Reset()
	}
	for value != "" {
		char, rest, escaped := e.next(value)
		switch {
		case char == ";" && !escaped:
			end()
			components = append(components, nil)
		case char == "," && !escaped && !e.old:
			end()
		default:
			b.WriteString(char)
		}
		value = rest
	}
	end()
	return components
}

// escapes reads the escapes of a version.
type escapes struct{ old bool } // version 2.1

// next returns the first character of a value, which is not empty, and the rest.
func (e escapes) next(value string) (char, rest string, escaped bool) {
	if value[0] != '\\' || len(value) == 1 {
		return value[:1], value[1:], false
	}
	switch next := value[1]; {
	case next == ';', !e.old && strings.IndexByte(`,:\`, next) >= 0:
		return value[1:2], value[2:], true
	case !e.old && (next == 'n' || next == 'N'):
		return "\n", value[2:], true
	}
	return value[:1], value[1:], false
}
