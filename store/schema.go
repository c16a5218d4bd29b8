package store

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// schema is the $jsonSchema that MongoDB checks, direct edits included. It holds only what the rest of the
// system relies on. The API checks lengths and formats.
func schema() bson.D {
	properties := bson.D{{Key: "_id", Value: ofType("objectId")}}
	for _, f := range grapevine.ContactFields {
		properties = append(properties, bson.E{Key: f.Name, Value: fieldSchema(f)})
		if f.Shorthand != "" {
			properties = append(properties, bson.E{Key: f.Shorthand, Value: ofType("string")})
		}
	}
	return bson.D{
		{Key: "bsonType", Value: "object"},
		{Key: "required", Value: bson.A{"_id", "workspace", "kind"}},
		{Key: "properties", Value: append(properties,
			bson.E{Key: "createdAt", Value: ofType("date")},
			bson.E{Key: "updatedAt", Value: ofType("date")},
			bson.E{Key: "_meta", Value: ofType("object")},
			bson.E{Key: fieldForm, Value: ofType("object")},
		)},
		{Key: "anyOf", Value: bson.A{kindSchema(grapevine.Person), kindSchema(grapevine.Organization)}},
	}
}

func ofType(bsonType string) bson.D { return bson.D{{Key: "bsonType", Value: bsonType}} }

func listOf(entries bson.D) bson.D {
	return append(ofType("array"), bson.E{Key: "items", Value: entries})
}

func fieldSchema(f *grapevine.Field) bson.D {
	switch f.Type {
	case grapevine.IDField:
		return ofType("objectId")
	case grapevine.TextsField:
		return listOf(ofType("string"))
	case grapevine.RecordsField:
		var parts bson.D
		for _, part := range f.Records.SubFields() {
			parts = append(parts, bson.E{Key: part.Name, Value: ofType("string")})
		}
		return listOf(append(ofType("object"), bson.E{Key: "properties", Value: parts}))
	case grapevine.TextField:
	}
	switch {
	case len(f.Enum) > 0:
		return bson.D{{Key: "enum", Value: f.Enum}}
	case f.Pattern != "":
		return append(ofType("string"), bson.E{Key: "pattern", Value: f.Pattern})
	}
	return ofType("string")
}

// kindSchema accepts the contacts of a kind that have the fields which the kind needs.
func kindSchema(kind grapevine.Kind) bson.D {
	properties := bson.D{{Key: "kind", Value: bson.D{{Key: "enum", Value: bson.A{string(kind)}}}}}
	var required bson.A
	for _, f := range grapevine.ContactFields {
		if f.RequiredFor == kind {
			properties = append(properties, bson.E{Key: f.Name, Value: append(ofType("string"), bson.E{Key: "minLength", Value: 1})})
			required = append(required, f.Name)
		}
	}
	s := bson.D{{Key: "properties", Value: properties}}
	if len(required) > 0 { // JSON Schema allows no empty list
		s = append(s, bson.E{Key: "required", Value: required})
	}
	return s
}
