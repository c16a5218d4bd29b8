package watcher

import (
	"cmp"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// fieldForm is the derived part of a stored contact.
const fieldForm = "_form"

// Decoder turns an event into a change at the given position. An error makes the change a dead letter,
// because no retry makes it decodable. If an image is missing that the effects need, the change is a
// Resync.
type Decoder func(e Event, at grapevine.Position) (grapevine.Change, error)

// ContactDecoder makes the [Decoder] of contacts from one of stored documents, and from one that says whether the
// derived part of a document belongs to the contact.
func ContactDecoder(decode func(bson.Raw) (grapevine.Contact, error), isFormed func(bson.Raw, *grapevine.Contact) bool) Decoder {
	return func(e Event, at grapevine.Position) (grapevine.Change, error) {
		change, err := decodeContact(&e, at, decode)
		if err == nil && change.After != nil {
			change.Unformed = !isFormed(e.After, change.After)
		}
		return change, err
	}
}

func decodeContact(e *Event, at grapevine.Position, decode func(bson.Raw) (grapevine.Contact, error)) (grapevine.Change, error) {
	c := grapevine.Change{Position: at, At: e.Committed}
	id, ok := e.Key.ObjectIDOK()
	if !ok {
		return c, fmt.Errorf("its _id is a %s, not an ObjectID", e.Key.Type)
	}
	c.ID = id.Hex()
	var err error
	if c.Before, err = decodeImage(e.Before, decode); err != nil {
		return c, fmt.Errorf("decode the pre-image: %w", err)
	}
	if c.After, err = decodeImage(e.After, decode); err != nil {
		return c, fmt.Errorf("decode the post-image: %w", err)
	}
	switch e.Operation {
	case "insert":
		c.Op, c.Before, c.Source = grapevine.Created, nil, e.source()
		c.Quiet = c.Source == grapevine.API && e.After.Lookup("_meta", "quiet").Equal(bson.RawValue{Type: bson.TypeBoolean, Value: []byte{1}})
		if c.After == nil { // it was read without images because it is oversized, and it is deleted by now
			return resync(c, "the document of an insert is gone"), nil
		}
	case "update", "replace":
		c.Op, c.Source = grapevine.Updated, e.source()
		var names []string
		names, c.DerivedOnly = visibleChanges(e.Changed(), c.Before, c.After)
		c.Changed = contactFields(names)
		if c.After == nil || c.Before == nil && e.mayHaveMoved(c.Changed) {
			return resync(c, "the images of a change are missing"), nil
		}
	case "delete":
		c.Op, c.After = grapevine.Deleted, nil
		if c.Before == nil {
			return resync(c, "the pre-image of a deletion is missing"), nil
		}
	default:
		return resync(c, fmt.Sprintf("the operation %q is unknown", e.Operation)), nil
	}
	return c, nil
}

func resync(c grapevine.Change, reason string) grapevine.Change {
	return grapevine.NewResync(c.Position, c.At, c.ID, reason)
}

func decodeImage(raw bson.Raw, decode func(bson.Raw) (grapevine.Contact, error)) (*grapevine.Contact, error) {
	if raw == nil {
		return nil, nil
	}
	contact, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return &contact, nil
}

// contactFields are the fields of a contact among the names of top-level fields, sorted. It leaves out the fields that only
// the product itself writes, and names a list in place of its shorthand.
func contactFields(names []string) []string {
	fields := make([]string, 0, len(names))
	for _, name := range names {
		switch f := grapevine.FieldWithShorthand(name); {
		case f != nil:
			fields = append(fields, f.Name)
		case name != "_id" && name != "_meta" && name != fieldForm && name != "createdAt" && name != "updatedAt":
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// visibleChanges drops the names of fields that changed only in their shape: the shorthand was moved into its list, and both images
// say the same. derivedOnly reports that nothing is left but the derived part.
func visibleChanges(names []string, before, after *grapevine.Contact) (visible []string, derivedOnly bool) {
	derivedOnly = len(names) > 0
	for _, name := range names {
		field := cmp.Or(grapevine.FieldWithShorthand(name), grapevine.FieldNamed(name))
		moved := field != nil && slices.Contains(names, field.Name) && slices.Contains(names, field.Shorthand)
		if moved && before != nil && after != nil && field.Equal(before, after) {
			continue
		}
		visible = append(visible, name)
		derivedOnly = derivedOnly && name == fieldForm
	}
	return visible, derivedOnly
}

// mayHaveMoved reports whether the contact can have left a workspace or an owner.
func (e *Event) mayHaveMoved(changed []string) bool {
	return e.Operation == "replace" || slices.Contains(changed, "workspace") || slices.Contains(changed, "owner")
}
