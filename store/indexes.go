package store

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// index is one index of the contacts. Its name says what it is for and is what queries give as hint.
type index struct {
	name    string
	keys    bson.D
	anyCase bool   // under the collation anyCase
	only    bson.D // partial filter
	options bson.D // all else
}

// anyCase is the collation of what is compared in any case: accents count, letter case does not.
func anyCase() bson.D {
	return bson.D{{Key: "locale", Value: "en"}, {Key: "strength", Value: 2}}
}

// Names of the indexes.
const (
	byName                 = "by_name"
	byNameNoLast           = "by_name_without_last_name"
	byNameOrganizations    = "by_name_organizations"
	byCreated              = "by_created"
	byUpdated              = "by_updated"
	byUpdatedAbsent        = "by_updated_absent"
	byCompany              = "by_company"
	byCompanyOrganizations = "by_company_organizations"
	byCompanyPersonsNone   = "by_company_persons_without"
	inCompany              = "in_company"
	tagsNotListed          = "tags_not_listed"
	withTag                = "with_tag"
	ofOwner                = "of_owner"
	ofKind                 = "of_kind"
	startOfFirst           = "start_of_first_name"
	startOfName            = "start_of_name"
	inText                 = "in_text"
	idempotencyKey         = "idempotency_key"
)

func indexes() []index {
	present := func(field string) bson.D {
		return bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}}
	}
	absent := func(field string) bson.D { return bson.D{{Key: field, Value: nil}} }
	return []index{
		{name: "last_name_first_name", keys: up("lastName", "firstName")}, // for people at the shell
		// The orders of a list; see docs/decisions/0003-list-order.md.
		{name: byName, keys: up("workspace", "lastName", "firstName", "_id"), anyCase: true},
		{name: byNameNoLast, keys: up("workspace", "name", "firstName", "_id"), anyCase: true, only: absent("lastName")},
		{
			name: byNameOrganizations, keys: up("workspace", "lastName", "firstName", "_id"), anyCase: true,
			only: append(bson.D{{Key: "kind", Value: string(grapevine.Organization)}}, present("lastName")...),
		},
		{name: byCreated, keys: up("workspace", "createdAt", "_id")},
		{name: byUpdated, keys: up("workspace", "updatedAt", "_id")},
		{name: byUpdatedAbsent, keys: up("workspace", "createdAt", "_id"), only: absent("updatedAt")},
		{name: byCompany, keys: up("workspace", "company", "_id"), anyCase: true},
		{
			name: byCompanyOrganizations, keys: up("workspace", "company", "_id"), anyCase: true,
			only: bson.D{{Key: "kind", Value: string(grapevine.Organization)}},
		},
		{
			name: byCompanyPersonsNone, keys: up("workspace", "company", "_id"), anyCase: true,
			only: append(bson.D{{Key: "kind", Value: string(grapevine.Person)}}, absent("company")...),
		},
		// The filters. The id is in them so that they alone answer which contacts match.
		{name: inCompany, keys: up("workspace", "company", "_id"), only: present("company")},
		{name: withTag, keys: up("workspace", "tags", "_id"), only: present("tags")},
		{name: tagsNotListed, keys: up("workspace", "_id"), only: textForTags()},
		{name: ofOwner, keys: up("workspace", "owner", "_id"), only: present("owner")},
		{name: ofKind, keys: up("workspace", "kind", "_id")},
		{name: startOfFirst, keys: up("workspace", "firstName", "_id"), anyCase: true},
		{name: startOfName, keys: up("workspace", "name", "_id"), anyCase: true, only: present("name")},
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
				// No language: its stop words would drop the names Will, May and An.
				{Key: "default_language", Value: "none"},
				// Away from the field "language", which a direct edit may well hold: a value that is
				// not a language MongoDB knows would refuse the whole write.
				{Key: "language_override", Value: "_language"},
			},
		},
		{
			name: idempotencyKey, keys: up("_meta.key"), only: present("_meta.key"),
			options: bson.D{{Key: "unique", Value: true}},
		},
	}
}

// textForTags also selects a list whose first entry is null and which has a text; there are neither, but
// past the validator.
func textForTags() bson.D {
	return bson.D{{Key: "tags", Value: bson.D{{Key: "$gt", Value: ""}}}, {Key: "tags.0", Value: nil}}
}

func up(fields ...string) (keys bson.D) {
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
