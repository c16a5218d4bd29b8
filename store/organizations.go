package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// checkOrganization returns Invalid if the contact refers to something that is not an organization of its workspace.
func (s *Store) checkOrganization(ctx context.Context, c grapevine.Contact) error {
	missing, err := s.missingOrganizations(ctx, c.Workspace, []grapevine.Contact{c})
	if err != nil || len(missing) == 0 {
		return err
	}
	return &grapevine.Error{
		Code: grapevine.Invalid, Message: "the contact has fields that are not acceptable",
		Fields: []grapevine.FieldError{organizationError("")},
	}
}

// organizationError is the error of a contact whose fields have this pointer as their prefix.
func organizationError(prefix string) grapevine.FieldError {
	return grapevine.FieldError{Pointer: prefix + "/organizationId", Detail: "is not an organization of this workspace"}
}

// missingOrganizations returns the indices of the contacts that refer to something that is not an organization of the
// workspace.
func (s *Store) missingOrganizations(ctx context.Context, workspace string, contacts []grapevine.Contact) (missing []int, err error) {
	absent := map[string]bool{}
	ids := bson.A{}
	for _, c := range contacts {
		if c.OrganizationID != "" && !absent[c.OrganizationID] {
			oid, err := objectID(c.OrganizationID)
			if err != nil {
				return nil, err
			}
			absent[c.OrganizationID] = true
			ids = append(ids, oid)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	cursor, err := s.contacts.Find(ctx, bson.D{
		{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}},
		{Key: "workspace", Value: workspace},
		{Key: "kind", Value: string(grapevine.Organization)},
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		delete(absent, cursor.Current.Lookup("_id").ObjectID().Hex())
	}
	for i, c := range contacts {
		if absent[c.OrganizationID] {
			missing = append(missing, i)
		}
	}
	return missing, cursor.Err()
}
