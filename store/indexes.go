package store

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/mongox"
)

// Names of the indexes.
const (
	byFormWords    = "form_words"
	byFormPhones   = "form_phones"
	byFacetName    = "form_facets_by_name"
	byFacetCreated = "form_facets_by_created"
	byFacetUpdated = "form_facets_by_updated"
	byFormName     = "form_name"
	byFormCreated  = "form_created"
	byFormUpdated  = "form_updated"
	byFormCompany  = "form_company"
	inCompany      = "in_company"
	inText         = "in_texts"
	createdByKey   = "created_by_key"
	importedUID    = "by_uid"
	importedEmail  = "by_email"
	shortEmail     = "by_short_email"
	byID           = "by_id"
)

// droppedIndexes are the indexes of earlier versions that no query uses any more.
var droppedIndexes = []string{
	"tags_not_listed", "idempotency_key", "by_name_without_last_name", "by_company_persons_without", "in_text",
	"by_name", "by_name_no_last_name", "by_name_organizations", "by_created", "by_updated", "by_updated_absent", "by_company",
	"by_company_organizations", "by_company_persons_none", "by_company_none", "with_list_in_place_of_text", "with_tag", "of_owner",
	"of_kind", "start_of_first_name", "start_of_name",
}

// indexes are the indexes of the contacts. Queries name them as their hint. See docs/decisions/0028-lists-and-search.md.
func indexes() []mongox.Index {
	present := func(field string) bson.D {
		return bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}}
	}
	inWorkspace := func(name string, fields ...string) mongox.Index {
		return mongox.Index{Name: name, Keys: append(ascending("workspace"), append(ascending(fields...), ascending("_id")...)...)}
	}
	return []mongox.Index{
		{Name: "last_name_first_name", Keys: ascending("lastName", "firstName")}, // for queries in mongosh
		// The words and phone numbers of a search, and the facets of filters.
		inWorkspace(byFormWords, formWords, formName),
		inWorkspace(byFormPhones, formPhones, formName),
		inWorkspace(byFacetName, formFacets, formName),
		inWorkspace(byFacetCreated, formFacets, formCreated),
		inWorkspace(byFacetUpdated, formFacets, formUpdated),
		// The orders of a list.
		inWorkspace(byFormName, formName),
		inWorkspace(byFormCreated, formCreated),
		inWorkspace(byFormUpdated, formUpdated),
		inWorkspace(byFormCompany, formCompany, formName),
		{Name: inCompany, Keys: ascending("workspace", "company", "_id"), Partial: present("company")}, // for statistics
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
					{Key: "firstName", Value: 10},
					{Key: "lastName", Value: 10},
					{Key: "name", Value: 10},
					{Key: "nickname", Value: 10},
					{Key: "company", Value: 5},
					{Key: "emails.value", Value: 5},
					{Key: "notes", Value: 2},
				}},
				// No language: stop words would exclude the names Will, May and An.
				{Key: "default_language", Value: "none"},
				// By default MongoDB reads the language from the field "language", and refuses the write if it
				// does not know the value. A direct edit may well add such a field.
				{Key: "language_override", Value: "_language"},
			},
		},
		{Name: byID, Keys: ascending("workspace", "_id")}, // for exports
		// The contacts that a row of an imported file may be.
		{Name: importedUID, Keys: ascending("workspace", "uid", "_id"), Partial: present("uid")},
		{Name: importedEmail, Keys: ascending("workspace", "emails.value", "_id"), Partial: present("emails.value")},
		{Name: shortEmail, Keys: ascending("workspace", "email", "_id"), Partial: present("email")}, // of direct edits only
		{Name: createdByKey, Keys: ascending("_meta.key", "_id"), Partial: present("_meta.key")},
	}
}

func ascending(fields ...string) (keys bson.D) {
	for _, field := range fields {
		keys = append(keys, bson.E{Key: field, Value: 1})
	}
	return keys
}
