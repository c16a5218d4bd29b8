package access

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A shape is what the documents of a collection look like. The validator in MongoDB and the check of what was read are
// both made of it, so that a document that slipped past the validator gives no rights: the decoder of the driver alone
// would take the number 1 for true.
type shape []property

// property is one field of a shape. A shape has no fields but its properties.
type property struct {
	name     string
	required bool
	types    []bson.Type
	rules    rules
	fields   shape // of an embedded document, or of each element of an array
}

// typeNames are the names of BSON types in $jsonSchema.
var typeNames = map[bson.Type]string{
	bson.TypeObjectID: "objectId", bson.TypeString: "string", bson.TypeBoolean: "bool", bson.TypeDateTime: "date", bson.TypeNull: "null",
	bson.TypeInt32: "int", bson.TypeInt64: "long", bson.TypeDouble: "double", bson.TypeArray: "array", bson.TypeEmbeddedDocument: "object",
}

func types(list ...bson.Type) []bson.Type { return list }

// schema is the $jsonSchema of the shape.
func (s shape) schema() bson.D {
	properties, required := bson.D{}, bson.A{}
	for _, p := range s {
		properties = append(properties, bson.E{Key: p.name, Value: p.schema()})
		if p.required {
			required = append(required, p.name)
		}
	}
	d := bson.D{{Key: "bsonType", Value: "object"}, {Key: "additionalProperties", Value: false}, {Key: "properties", Value: properties}}
	if len(required) > 0 { // MongoDB refuses an empty list
		d = append(d, bson.E{Key: "required", Value: required})
	}
	return d
}

func (p property) schema() bson.D {
	names := bson.A{}
	for _, t := range p.types {
		names = append(names, typeNames[t])
	}
	d := append(bson.D{{Key: "bsonType", Value: names}}, p.rules.schema()...)
	if p.fields == nil {
		return d
	}
	inner := p.fields.schema()
	if p.types[0] == bson.TypeArray {
		return append(d, bson.E{Key: "items", Value: inner})
	}
	return append(d, inner[1:]...) // without the second bsonType
}

// check reports a document that does not have the shape. Its error names the field and quotes no value.
func (s shape) check(document bson.Raw) error {
	elements, err := document.Elements()
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(elements))
	for _, element := range elements {
		name := element.Key()
		p, known := s.property(name)
		if !known || seen[name] {
			return fmt.Errorf("the field %q is unknown or there twice", name)
		}
		seen[name] = true
		if err := p.check(element.Value()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, p := range s {
		if p.required && !seen[p.name] {
			return fmt.Errorf("the field %q is missing", p.name)
		}
	}
	return nil
}

func (s shape) property(name string) (property, bool) {
	for _, p := range s {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

func (p property) check(value bson.RawValue) error {
	fits := false
	for _, t := range p.types {
		fits = fits || t == value.Type
	}
	if !fits {
		return fmt.Errorf("the BSON type %s is not acceptable", value.Type)
	}
	if text, ok := value.StringValueOK(); ok {
		return p.rules.check(text)
	}
	switch {
	case p.fields == nil || value.Type == bson.TypeNull:
		return nil
	case value.Type == bson.TypeEmbeddedDocument:
		return p.fields.check(value.Document())
	}
	items, err := value.Array().Values()
	if err != nil {
		return err
	}
	for _, item := range items {
		document, ok := item.DocumentOK()
		if !ok {
			return fmt.Errorf("the BSON type %s is not acceptable in the list", item.Type)
		}
		if err := p.fields.check(document); err != nil {
			return err
		}
	}
	return nil
}
