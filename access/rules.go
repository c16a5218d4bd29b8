package access

import (
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// rules are what a property asks for beyond its type. The zero value asks for nothing.
type rules struct {
	least, most int            // characters of a text; most 0: any number
	pattern     *regexp.Regexp // of a text; nil: any
	words       []string       // that a text may be; nil: any
	whole       bool           // a number has no fraction; the decoder refuses one that has
}

func pattern(text string) rules { return rules{pattern: regexp.MustCompile(text)} }

func length(least, most int) rules { return rules{least: least, most: most} }

func oneOf[T ~string](words ...T) rules {
	var r rules
	for _, word := range words {
		r.words = append(r.words, string(word))
	}
	return r
}

// schema is the rules as keywords of $jsonSchema.
func (r rules) schema() (d bson.D) {
	if r.pattern != nil {
		d = append(d, bson.E{Key: "pattern", Value: r.pattern.String()})
	}
	if r.most > 0 {
		d = append(d, bson.E{Key: "minLength", Value: r.least}, bson.E{Key: "maxLength", Value: r.most})
	}
	if r.words != nil {
		d = append(d, bson.E{Key: "enum", Value: r.words})
	}
	if r.whole {
		d = append(d, bson.E{Key: "multipleOf", Value: 1})
	}
	return d
}

// check reports a text that breaks a rule. Its error does not quote the text.
func (r rules) check(text string) error {
	n := utf8.RuneCountInString(text)
	switch {
	case r.most > 0 && (n < r.least || n > r.most):
		return fmt.Errorf("it has to have %d to %d characters", r.least, r.most)
	case r.pattern != nil && !r.pattern.MatchString(text):
		return fmt.Errorf("it does not match %s", r.pattern)
	case r.words != nil && !slices.Contains(r.words, text):
		return fmt.Errorf("it is none of %v", r.words)
	}
	return nil
}
