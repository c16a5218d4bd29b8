package store

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// index is one index of the contacts. Queries name it as their hint.
type index struct {
	name    string
	keys    bson.D
	anyCase bool   // has the collation anyCase
	only    bson.D // partial filter; nil means every contact
	options bson.D // further options
}

// anyCase is the collation of comparisons in which accents count and letter case does not.
func anyCase() bson.D {
	return bson.D{{Key: "locale", Value: "en"}, {Key: "strength", Value: 2}}
}

// Names of the indexes.
const (
	byName                 = "by_name"
	byNameNoLast           = "by_name_no_last_name"
	byNameOrganizations    = "by_name_organizations"
	byCreated              = "by_created"
	byUpdated              = "by_updated"
	byUpdatedAbsent        = "by_updated_absent"
	byCompany              = "by_company"
	byCompanyOrganizations = "by_company_organizations"
	byCompanyPersonsNone   = "by_company_persons_none"
	byCompanyNone          = "by_company_none"
	withList               = "with_list_in_place_of_text"
	inCompany              = "in_company"
	withTag                = "with_tag"
	ofOwner                = "of_owner"
	ofKind                 = "of_kind"
	startOfFirst           = "start_of_first_name"
	startOfName            = "start_of_name"
	inText                 = "in_text"
	createdByKey           = "created_by_key"
)

// droppedIndexes are the indexes of earlier versions that no query uses any more.
var droppedIndexes = []string{"tags_not_listed", "idempotency_key", "by_name_without_last_name", "by_company_persons_without"}

func indexes() []index {
	present := func(field string) bson.D {
		return bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}}
	}
	absent := func(field string) bson.D { return bson.D{{Key: field, Value: nil}} }
	return []index{
		{name: "last_name_first_name", keys: ascending("lastName", "firstName")}, // for queries in mongosh
		// The orders of a list; see docs/decisions/0003-list-order.md.
		{name: byName, keys: ascending("workspace", "lastName", "firstName", "_id"), anyCase: true},
		{name: byNameNoLast, keys: ascending("workspace", "name", "firstName", "_id"), anyCase: true, only: noText("lastName")},
		{
			name: byNameOrganizations, keys: ascending("workspace", "lastName", "firstName", "_id"), anyCase: true,
			only: append(bson.D{{Key: "kind", Value: string(grapevine.Organization)}}, present("lastName")...),
		},
		{name: byCreated, keys: ascending("workspace", "createdAt", "_id")},
		{name: byUpdated, keys: ascending("workspace", "updatedAt", "_id")},
		{name: byUpdatedAbsent, keys: ascending("workspace", "createdAt", "_id"), only: absent("updatedAt")},
		{name: byCompany, keys: ascending("workspace", "company", "_id"), anyCase: true},
		{
			name: byCompanyOrganizations, keys: ascending("workspace", "company", "_id"), anyCase: true,
			only: bson.D{{Key: "kind", Value: string(grapevine.Organization)}},
		},
		{name: byCompanyNone, keys: ascending("workspace", "_id"), anyCase: true, only: noText("company")},
		{
			name: byCompanyPersonsNone, keys: ascending("workspace", "_id"), anyCase: true,
			only: append(bson.D{{Key: "kind", Value: string(grapevine.Person)}}, noText("company")...),
		},
		{name: withList, keys: ascending("workspace", "_id"), only: anyList("lastName", "firstName", "name", "company", "createdAt", "updatedAt")},
		// The filters. They include the id, so that the index alone answers which contacts match.
		{name: inCompany, keys: ascending("workspace", "company", "_id"), only: present("company")},
		{name: withTag, keys: ascending("workspace", "tags", "_id"), only: present("tags")},
		{name: ofOwner, keys: ascending("workspace", "owner", "_id"), only: present("owner")},
		{name: ofKind, keys: ascending("workspace", "kind", "_id")},
		{name: startOfFirst, keys: ascending("workspace", "firstName", "_id"), anyCase: true},
		{name: startOfName, keys: ascending("workspace", "name", "_id"), anyCase: true, only: present("name")},
		{
			name: inText,
			keys: bson.D{
				{Key: "workspace", Value: 1},
				{Key: "firstName", Value: "text"},
				{Key: "lastName", Value: "text"},
				{Key: "name", Value: "text"},
				{Key: "notes", Value: "text"},
			},
			options: bson.D{
				{Key: "weights", Value: bson.D{
					{Key: "firstName", Value: 10}, {Key: "lastName", Value: 10}, {Key: "name", Value: 10}, {Key: "notes", Value: 2},
				}},
				// No language: stop words would exclude the names Will, May and An.
				{Key: "default_language", Value: "none"},
				// By default MongoDB reads the language from the field "language", and refuses the write if it
				// does not know the value. A direct edit may well add such a field.
				{Key: "language_override", Value: "_language"},
			},
		},
		{name: createdByKey, keys: ascending("_meta.key", "_id"), only: present("_meta.key")},
	}
}

// noText matches a field that is not a text, or an empty one. In an index with a collation, a text of characters that
// the collation ignores is empty. It cannot be the negation of a condition: a partial index
// allows none.
func noText(field string) bson.D {
	return bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: field, Value: nil}},
		bson.D{{Key: field, Value: bson.D{{Key: "$lte", Value: ""}}}},
		bson.D{{Key: field, Value: bson.D{{Key: "$type", Value: bson.A{
			"double", "object", "array", "binData", "undefined", "objectId", "bool", "date", "regex", "dbPointer", "javascript",
			"javascriptWithScope", "int", "timestamp", "long", "decimal", "minKey", "maxKey",
		}}}}},
	}}}
}

// anyList matches a document with a list in one of the fields.
func anyList(fields ...string) bson.D {
	var lists bson.A
	for _, field := range fields {
		lists = append(lists, bson.D{{Key: field, Value: isList()}})
	}
	return bson.D{{Key: "$or", Value: lists}}
}

func ascending(fields ...string) (keys bson.D) {
	for _, field := range fields {
		keys = append(keys, bson.E{Key: field, Value: 1})
	}
	return keys
}

func (i index) definition() bson.D {
	d := bson.D{{Key: "name", Value: i.name}, {Key: "key", Value: i.keys}}
	if i.anyCase {
		d = append(d, bson.E{Key: "collation", Value: anyCase()})
	}
	if i.only != nil {
		d = append(d, bson.E{Key: "partialFilterExpression", Value: i.only})
	}
	return append(d, i.options...)
}
