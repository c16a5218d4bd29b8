package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// mark begins the title of our $jsonSchema. A hash of the schema follows it. So a schema of an earlier version is told
// from one that an administrator has edited.
const mark = "grapevine "

// ownValidator is our validator.
func ownValidator() bson.D {
	s := schema()
	return bson.D{{Key: "$jsonSchema", Value: append(bson.D{{Key: "title", Value: mark + hashOf(encode(s))}}, s...)}}
}

// validation are the options of the validator. Moderate: a document that broke the rules before can be corrected field
// by field.
func validation() bson.D {
	return bson.D{{Key: "validationLevel", Value: "moderate"}, {Key: "validationAction", Value: "error"}}
}

// validatorCorrection is the part of a collMod that puts our validator in force, empty if it is, and what to tell the
// administrator about it.
type validatorCorrection struct {
	change bson.D
	said   string
}

// correctValidator keeps the rules of others: our validator and theirs are both in force ($and).
func correctValidator(found bson.Raw) (c validatorCorrection) {
	var said []string
	validator, foreign, fine := mergeValidator(found.Lookup("validator"))
	if !fine {
		c.change = append(c.change, bson.E{Key: "validator", Value: validator})
		if foreign {
			said = append(said, "somebody changed the validator of contacts: their rules and ours are both in force now")
		}
	}
	for _, option := range validation() {
		value, given := found.Lookup(option.Key).StringValueOK()
		if value == option.Value {
			continue
		}
		c.change = append(c.change, option)
		if given {
			said = append(said, option.Key+" of contacts was "+value+" and is "+option.Value.(string)+" again, because imports and direct edits rely on it")
		}
	}
	c.said = strings.Join(said, "; ")
	return c
}

// mergeValidator returns the validator to set, unless the found one is fine. foreign reports rules of others in it.
func mergeValidator(found bson.RawValue) (validator any, foreign, fine bool) {
	rules, ok := found.DocumentOK()
	if !ok || isEmpty(rules) {
		return ownValidator(), false, false
	}
	switch ownership(rules) {
	case current:
		return nil, false, true
	case earlier:
		return ownValidator(), false, false
	case notOurs:
	}
	parts := bson.A{ownValidator()}
	list, ok := rules.Lookup("$and").ArrayOK()
	elements, err := list.Values()
	if !ok || err != nil || !hasOneElement(rules) {
		return bson.D{{Key: "$and", Value: append(parts, rules)}}, true, false
	}
	for _, element := range elements {
		part, _ := element.DocumentOK()
		switch ownership(part) {
		case current:
			return nil, true, true
		case earlier:
		case notOurs:
			parts = append(parts, element)
		}
	}
	return bson.D{{Key: "$and", Value: parts}}, true, false
}

type owner int

const (
	notOurs owner = iota
	earlier       // the validator of another version of ours
	current       // our validator
)

// ownership compares one set of rules with ours. Versions before the mark had the present schema without a title.
func ownership(rules bson.Raw) owner {
	found, ok := rules.Lookup("$jsonSchema").DocumentOK()
	if !ok || !hasOneElement(rules) {
		return notOurs
	}
	own := encode(schema())
	if bytes.Equal(found, own) {
		return current
	}
	elements, err := found.Elements()
	if err != nil || len(elements) == 0 || elements[0].Key() != "title" {
		return notOurs
	}
	untitled := bson.D{}
	for _, element := range elements[1:] {
		untitled = append(untitled, bson.E{Key: element.Key(), Value: element.Value()})
	}
	title, _ := elements[0].Value().StringValueOK()
	switch title {
	case mark + hashOf(own):
		if bytes.Equal(encode(untitled), own) {
			return current
		}
	case mark + hashOf(encode(untitled)):
		return earlier
	}
	return notOurs
}

func hashOf(document bson.Raw) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:8])
}

// encode is the BSON of a document of ours, which always has one.
func encode(document bson.D) bson.Raw {
	raw, err := bson.Marshal(document)
	if err != nil {
		panic(err)
	}
	return raw
}

func isEmpty(document bson.Raw) bool {
	elements, err := document.Elements()
	return err == nil && len(elements) == 0
}

func hasOneElement(document bson.Raw) bool {
	elements, err := document.Elements()
	return err == nil && len(elements) == 1
}
