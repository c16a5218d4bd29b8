package watcher

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// event is one event of the change stream with only what is read of it. Each part may be absent.
type event struct {
	token       string // _data of the resume token. Not the stream's own: after the last of a batch that is a later one
	op          string
	collection  string // ns.coll
	to          string // to.coll of a rename
	key         bson.RawValue
	time        bson.Timestamp
	wall        time.Time
	before      bson.Raw // nil: no pre-image
	after       bson.Raw // nil: no post-image
	description bson.Raw // updateDescription
}

// parse picks the parts of a raw event. It never fails: what has the wrong type counts as absent.
func parse(raw bson.Raw) event {
	var e event
	elements, _ := raw.Elements()
	for _, element := range elements {
		v := element.Value()
		switch element.Key() {
		case "_id":
			id, _ := v.DocumentOK()
			e.token, _ = id.Lookup("_data").StringValueOK()
		case "operationType":
			e.op, _ = v.StringValueOK()
		case "ns":
			e.collection = collectionOf(v)
		case "to":
			e.to = collectionOf(v)
		case "documentKey":
			if doc, ok := v.DocumentOK(); ok {
				e.key = doc.Lookup("_id")
			}
		case "clusterTime":
			e.time.T, e.time.I, _ = v.TimestampOK()
		case "wallTime":
			if ms, ok := v.DateTimeOK(); ok {
				e.wall = time.UnixMilli(ms).UTC()
			}
		case "fullDocument":
			e.after, _ = v.DocumentOK()
		case "fullDocumentBeforeChange":
			e.before, _ = v.DocumentOK()
		case "updateDescription":
			e.description, _ = v.DocumentOK()
		}
	}
	if e.wall.IsZero() { // before 6.0
		e.wall = time.Unix(int64(e.time.T), 0).UTC()
	}
	return e
}

func collectionOf(v bson.RawValue) string {
	doc, _ := v.DocumentOK()
	name, _ := doc.Lookup("coll").StringValueOK()
	return name
}

// Decoder turns a stored document into a contact. It errs only where there is no contact to speak of.
type Decoder func(bson.Raw) (grapevine.Contact, error)

// decode turns an event of contacts into a change at the given position. An error means that the
// change is dead: no retry makes it decodable. A change whose pre-image is needed and missing comes
// back as a Resync.
func (e event) decode(position grapevine.Position, decode Decoder) (grapevine.Change, error) {
	c := grapevine.Change{Position: position, At: e.wall}
	id, ok := e.key.ObjectIDOK()
	if !ok {
		return c, fmt.Errorf("its _id is a %s, not an ObjectID", e.key.Type)
	}
	c.ID = id.Hex()
	var err error
	if c.Before, err = image(e.before, decode); err != nil {
		return c, fmt.Errorf("decode the pre-image: %w", err)
	}
	if c.After, err = image(e.after, decode); err != nil {
		return c, fmt.Errorf("decode the post-image: %w", err)
	}
	switch e.op {
	case "insert":
		c.Op, c.Before, c.Source = grapevine.Created, nil, e.source()
		if c.After == nil { // read without it because it was too large, and it is gone by now
			return resync(c, "the document of an insert is gone"), nil
		}
	case "update", "replace":
		c.Op, c.Changed, c.Source = grapevine.Updated, e.changed(), e.source()
		if c.After == nil || c.Before == nil && e.mayHaveMoved(c.Changed) {
			return resync(c, "the images of a change are missing"), nil
		}
	case "delete":
		c.Op, c.After = grapevine.Deleted, nil
		if c.Before == nil {
			return resync(c, "the pre-image of a deletion is missing"), nil
		}
	default:
		return resync(c, fmt.Sprintf("an operation %q, which is not known", e.op)), nil
	}
	return c, nil
}

func resync(c grapevine.Change, reason string) grapevine.Change {
	return grapevine.Change{Op: grapevine.Resync, Position: c.Position, At: c.At, ID: c.ID, Reason: reason}
}

func image(raw bson.Raw, decode Decoder) (*grapevine.Contact, error) {
	if raw == nil {
		return nil, nil
	}
	contact, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return &contact, nil
}

// mayHaveMoved reports whether the contact can have left a workspace or an owner.
func (e event) mayHaveMoved(changed []string) bool {
	return e.op == "replace" || slices.Contains(changed, "workspace") || slices.Contains(changed, "owner")
}

// source is API when this change wrote a new _meta.write.
func (e event) source() grapevine.Source {
	wrote := e.after.Lookup("_meta", "write")
	switch {
	case wrote.IsZero():
		return grapevine.Direct
	case e.before != nil:
		if wrote.Equal(e.before.Lookup("_meta", "write")) {
			return grapevine.Direct
		}
	case e.description != nil:
		updated, _ := e.description.Lookup("updatedFields").DocumentOK()
		_, errField := updated.LookupErr("_meta.write")
		_, errMeta := updated.LookupErr("_meta")
		if errField != nil && errMeta != nil {
			return grapevine.Direct
		}
	}
	return grapevine.API
}

// changed names the top-level fields that differ, sorted, without our bookkeeping.
func (e event) changed() []string {
	var names []string
	if e.description != nil {
		names = described(e.description)
	} else {
		names = differing(e.before, e.after)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool {
		return name == "_id" || name == "_meta" || name == "createdAt" || name == "updatedAt"
	})
}

// described are the fields of an updateDescription: {updatedFields, removedFields, truncatedArrays}.
func described(description bson.Raw) []string {
	var names []string
	add := func(path string) {
		name, _, _ := strings.Cut(path, ".")
		names = append(names, name)
	}
	updated, _ := description.Lookup("updatedFields").DocumentOK()
	elements, _ := updated.Elements()
	for _, element := range elements {
		add(element.Key())
	}
	removed, _ := description.Lookup("removedFields").ArrayOK()
	values, _ := removed.Values()
	for _, v := range values {
		path, _ := v.StringValueOK()
		add(path)
	}
	truncated, _ := description.Lookup("truncatedArrays").ArrayOK()
	values, _ = truncated.Values()
	for _, v := range values {
		doc, _ := v.DocumentOK()
		path, _ := doc.Lookup("field").StringValueOK()
		add(path)
	}
	return names
}

// differing are the top-level fields in which two documents differ; a nil document has none.
func differing(before, after bson.Raw) []string {
	had := fields(before)
	var names []string
	for name, value := range fields(after) {
		if old, ok := had[name]; !ok || old.Type != value.Type || !bytes.Equal(old.Value, value.Value) {
			names = append(names, name)
		}
		delete(had, name)
	}
	for name := range had {
		names = append(names, name)
	}
	return names
}

func fields(document bson.Raw) map[string]bson.RawValue {
	elements, _ := document.Elements()
	m := make(map[string]bson.RawValue, len(elements))
	for _, element := range elements {
		m[element.Key()] = element.Value()
	}
	return m
}
