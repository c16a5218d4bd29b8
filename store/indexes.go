package store

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/mongox"
)

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
	inText                 = "in_texts"
	createdByKey           = "created_by_key"
	byID                   = "by_id"
)

// droppedIndexes are the indexes of earlier versions that no query uses any more.
var droppedIndexes = []string{"tags_not_listed", "idempotency_key", "by_name_without_last_name", "by_company_persons_without", "in_text"}

// indexes are the indexes of the contacts. Queries name them as their hint.
func indexes() []mongox.Index {
	present := func(field string) bson.D {
		return bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}}
	}
	absent := func(field string) bson.D { return bson.D{{Key: field, Value: nil}} }
	return []mongox.Index{
		{Name: "last_name_first_name", Keys: ascending("lastName", "firstName")}, // for queries in mongosh
		// The orders of a list; see docs/decisions/0003-list-order.md.
		{Name: byName, Keys: ascending("workspace", "lastName", "firstName", "_id"), Collation: anyCase()},
		{Name: byNameNoLast, Keys: ascending("workspace", "name", "firstName", "_id"), Collation: anyCase(), Partial: noText("lastName")},
		{
			Name: byNameOrganizations, Keys: ascending("workspace", "lastName", "firstName", "_id"), Collation: anyCase(),
			Partial: append(bson.D{{Key: "kind", Value: string(grapevine.Organization)}}, present("lastName")...),
		},
		{Name: byCreated, Keys: ascending("workspace", "createdAt", "_id")},
		{Name: byUpdated, Keys: ascending("workspace", "updatedAt", "_id")},
		{Name: byUpdatedAbsent, Keys: ascending("workspace", "createdAt", "_id"), Partial: absent("updatedAt")},
		{Name: byCompany, Keys: ascending("workspace", "company", "_id"), Collation: anyCase()},
		{
			Name: byCompanyOrganizations, Keys: ascending("workspace", "company", "_id"), Collation: anyCase(),
			Partial: bson.D{{Key: "kind", Value: string(grapevine.Organization)}},
		},
		{Name: byCompanyNone, Keys: ascending("workspace", "_id"), Collation: anyCase(), Partial: noText("company")},
		{
			Name: byCompanyPersonsNone, Keys: ascending("workspace", "_id"), Collation: anyCase(),
			Partial: append(bson.D{{Key: "kind", Value: string(grapevine.Person)}}, noText("company")...),
		},
		{Name: withList, Keys: ascending("workspace", "_id"), Partial: anyList("lastName", "firstName", "name", "company", "createdAt", "updatedAt")},
		// The filters. They include the id, so that the index alone answers which contacts match.
		{Name: inCompany, Keys: ascending("workspace", "company", "_id"), Partial: present("company")},
		{Name: withTag, Keys: ascending("workspace", "tags", "_id"), Partial: present("tags")},
		{Name: ofOwner, Keys: ascending("workspace", "owner", "_id"), Partial: present("owner")},
		{Name: ofKind, Keys: ascending("workspace", "kind", "_id")},
		{Name: startOfFirst, Keys: ascending("workspace", "firstName", "_id"), Collation: anyCase()},
		{Name: startOfName, Keys: ascending("workspace", "name", "_id"), Collation: anyCase(), Partial: present("name")},
		{
			Name: inText,
			Keys: bson.D{
				{Key: "workspace", Value: 1},
				{Key: "prefix", Value: "text"},
				{Key: "firstName", Value: "text"},
				{Key: "middleName", Value: "text"},
				{Key: "lastName", Value: "text"},
				{Key: "suffix", Value: "text"},
				{Key: "nickname", Value: "text"},
				{Key: "name", Value: "text"},
				{Key: "company", Value: "text"},
				{Key: "title", Value: "text"},
				{Key: "department", Value: "text"},
				{Key: "notes", Value: "text"},
				{Key: "emails.value", Value: "text"},
			},
			Text: bson.D{
				{Key: "weights", Value: bson.D{
					{Key: "firstName", Value: 10}, {Key: "lastName", Value: 10}, {Key: "name", Value: 10}, {Key: "nickname", Value: 10},
					{Key: "company", Value: 5}, {Key: "emails.value", Value: 5}, {Key: "notes", Value: 2},
				}},
				// No language: stop words would exclude the names Will, May and An.
				{Key: "default_language", Value: "none"},
				// By default MongoDB reads the language from the field "language", and refuses the write if it
				// does not know the value. A direct edit may well add such a field.
				{Key: "language_override", Value: "_language"},
			},
		},
		{Name: byID, Keys: ascending("workspace", "_id")}, // for exports
		{Name: createdByKey, Keys: ascending("_meta.key", "_id"), Partial: present("_meta.key")},
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
