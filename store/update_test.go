package store_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestTwoEditorsLoseNoUpdate(t *testing.T) {
	s, _ := prepared(t)
	c := create(t, s, ada())
	c0, _, err := s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes = "0"
		return c, nil
	})
	require.NoError(t, err)
	require.Equal(t, "0", c0.Notes)
	const edits = 200
	var editors sync.WaitGroup
	for range 2 {
		editors.Go(func() {
			for done := 0; done < edits; {
				now, err := s.Get(deadline(t), ws, c.ID, grapevine.Position{})
				if !assert.NoError(t, err) {
					return
				}
				_, _, err = s.Update(deadline(t), ws, c.ID, []string{now.ETag}, func(c grapevine.Contact) (grapevine.Contact, error) {
					n, err := strconv.Atoi(c.Notes)
					c.Notes = strconv.Itoa(n + 1)
					return c, err
				})
				if grapevine.ErrorCode(err) == grapevine.PreconditionFailed {
					continue
				}
				if !assert.NoError(t, err) {
					return
				}
				done++
			}
		})
	}
	editors.Wait()
	got, err := s.Get(deadline(t), ws, c.ID, grapevine.Position{})
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(2*edits), got.Notes)
}

func TestIfMatchSeesADirectEdit(t *testing.T) {
	s, db := prepared(t)
	c := create(t, s, ada())
	oid, _ := bson.ObjectIDFromHex(c.ID)
	edited := 0
	// The direct edit happens after the update has read the contact.
	_, _, err := s.Update(deadline(t), ws, c.ID, []string{c.ETag}, func(now grapevine.Contact) (grapevine.Contact, error) {
		if edited++; edited == 1 {
			_, err := db.Collection(grapevine.CollectionContacts).UpdateByID(deadline(t), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "direct"}, {Key: "own", Value: 1}}}})
			require.NoError(t, err)
		}
		now.Notes = "api"
		return now, nil
	})
	require.Equal(t, grapevine.PreconditionFailed, grapevine.ErrorCode(err))
	_, err = s.Delete(deadline(t), ws, c.ID, []string{c.ETag})
	require.Equal(t, grapevine.PreconditionFailed, grapevine.ErrorCode(err))

	after, _, err := s.Update(deadline(t), ws, c.ID, []string{`"other"`, "*"}, func(now grapevine.Contact) (grapevine.Contact, error) {
		require.Equal(t, "direct", now.Notes)
		now.Phones, now.Tags = nil, nil
		return now, nil
	})
	require.NoError(t, err)
	require.Empty(t, after.Phone)
	require.Empty(t, after.Tags)
	raw, err := db.Collection(grapevine.CollectionContacts).FindOne(deadline(t), bson.D{{Key: "_id", Value: oid}}).Raw()
	require.NoError(t, err)
	require.Equal(t, int32(1), raw.Lookup("own").Int32(), "a field that is not a contact's stays")
	require.True(t, raw.Lookup("tags").IsZero())
}

func TestUpdateSetsItsTimeAndWriteID(t *testing.T) {
	s, db := prepared(t)
	c := create(t, s, ada())
	writeID := func() string {
		raw, err := db.Collection(grapevine.CollectionContacts).FindOne(deadline(t), bson.D{}).Raw()
		require.NoError(t, err)
		return raw.Lookup("_meta", "write").ObjectID().Hex()
	}
	first := writeID()
	same, at, err := s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.FirstName += " " // Validate removes it
		return c, nil
	})
	require.NoError(t, err)
	require.Equal(t, c, same, "an edit that changes nothing writes nothing")
	require.False(t, at.IsZero())
	require.Equal(t, first, writeID())
	_, _, err = s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes, c.CreatedAt.Time, c.ID = "x", c.CreatedAt.AddDate(1, 0, 0), "y"
		return c, nil
	})
	require.NoError(t, err)
	require.NotEqual(t, first, writeID())
	got, err := s.Get(deadline(t), ws, c.ID, grapevine.Position{})
	require.NoError(t, err)
	require.Equal(t, c.CreatedAt, got.CreatedAt)
	require.False(t, got.UpdatedAt.Before(c.UpdatedAt.Time))
}

func TestUpdateRefuses(t *testing.T) {
	s, _ := prepared(t)
	c := create(t, s, ada())
	edit := func(change func(*grapevine.Contact)) error {
		_, _, err := s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
			change(&c)
			return c, nil
		})
		return err
	}
	require.Equal(t, []string{"/kind"}, pointers(t, edit(func(c *grapevine.Contact) { c.Kind, c.Name = grapevine.Organization, "x" })))
	require.Equal(t, []string{"/emails/0/value", "/phones/0/value"}, pointers(t, edit(func(c *grapevine.Contact) { c.Emails[0].Value, c.Phones[0].Value = "x", "" })))
	own := errors.New("error of the edit")
	_, _, err := s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) { return c, own })
	require.ErrorIs(t, err, own)
	_, _, err = s.Update(deadline(t), "other", c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) { return c, nil })
	require.Equal(t, grapevine.NotFound, grapevine.ErrorCode(err))
	for _, id := range []string{"", "x", c.ID[1:], "507F1F77BCF86CD799439011"} {
		_, _, err = s.Update(deadline(t), ws, id, nil, func(c grapevine.Contact) (grapevine.Contact, error) { return c, nil })
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), id)
	}
	got, err := s.Get(deadline(t), ws, c.ID, grapevine.Position{})
	require.NoError(t, err)
	require.Equal(t, c, got)
}

func TestAReferenceNeedsAnOrganizationOfTheWorkspace(t *testing.T) {
	s, _ := prepared(t)
	acme := create(t, s, organization("Acme"))
	elsewhere := organization("Elsewhere")
	elsewhere.Workspace = "other"
	elsewhere = create(t, s, elsewhere)
	person := create(t, s, ada())
	for name, id := range map[string]string{"person": person.ID, "another workspace": elsewhere.ID, "does not exist": "507f1f77bcf86cd799439011"} {
		c := ada()
		c.OrganizationID = id
		_, _, _, err := s.Create(deadline(t), c, grapevine.Idempotency{})
		require.Equal(t, []string{"/organizationId"}, pointers(t, err), name)
	}
	c := ada()
	c.OrganizationID = acme.ID
	c = create(t, s, c)
	_, _, err := s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Workspace = "other"
		return c, nil
	})
	require.Equal(t, []string{"/organizationId"}, pointers(t, err), "a contact cannot move without its organization")
	moved, _, err := s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Workspace, c.OrganizationID = "other", elsewhere.ID
		return c, nil
	})
	require.NoError(t, err)
	require.Equal(t, "other", moved.Workspace)
	_, err = s.Delete(deadline(t), "other", elsewhere.ID, nil)
	require.NoError(t, err)
	_, _, err = s.Update(deadline(t), "other", c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes = "still editable though its organization is gone"
		return c, nil
	})
	require.NoError(t, err)

	q := grapevine.Query{Workspace: "other", Limit: 10, Expand: true}
	items := pages(t, s, q)
	require.Len(t, items, 1)
	require.NotNil(t, items[0].Organization)
	require.Nil(t, items[0].Organization.Contact, "a dangling reference is null")
	c = ada()
	c.OrganizationID = acme.ID
	create(t, s, c)
	for _, item := range pages(t, s, grapevine.Query{Workspace: ws, Limit: 10, Expand: true, Tags: []string{"vip"}}) {
		if item.OrganizationID == "" {
			require.Nil(t, item.Organization)
			continue
		}
		require.Equal(t, acme, *item.Organization.Contact)
	}
}
