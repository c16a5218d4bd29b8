package watcher

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Event is one event of the change stream, reduced to the parts that are used. Any part may be absent.
type Event struct {
	Operation   string        // insert, update, replace or delete, for a [Decoder]
	Collection  string        // ns.coll
	Key         bson.RawValue // _id of the document
	Committed   time.Time     // wallTime
	Before      bson.Raw      // pre-image; nil if there is none
	After       bson.Raw      // post-image; nil if there is none
	Description bson.Raw      // updateDescription

	token     string         // _data of the event's own resume token; the stream's can be a later one
	time      bson.Timestamp // clusterTime
	renamedTo string         // to.coll of a rename
}

// parseEvent never fails: a part of the wrong type counts as absent.
func parseEvent(raw bson.Raw) Event {
	var e Event
	elements, _ := raw.Elements()
	for _, element := range elements {
		v := element.Value()
		switch element.Key() {
		case "_id":
			id, _ := v.DocumentOK()
			e.token, _ = id.Lookup("_data").StringValueOK()
		case "operationType":
			e.Operation, _ = v.StringValueOK()
		case "ns":
			e.Collection = collectionOf(v)
		case "to":
			e.renamedTo = collectionOf(v)
		case "documentKey":
			if doc, ok := v.DocumentOK(); ok {
				e.Key = doc.Lookup("_id")
			}
		case "clusterTime":
			e.time.T, e.time.I, _ = v.TimestampOK()
		case "wallTime":
			if ms, ok := v.DateTimeOK(); ok {
				e.Committed = time.UnixMilli(ms).UTC()
			}
		case "fullDocument":
			e.After, _ = v.DocumentOK()
		case "fullDocumentBeforeChange":
			e.Before, _ = v.DocumentOK()
		case "updateDescription":
			e.Description, _ = v.DocumentOK()
		}
	}
	if e.Committed.IsZero() { // MongoDB before 6.0
		e.Committed = time.Unix(int64(e.time.T), 0).UTC()
	}
	return e
}

func collectionOf(v bson.RawValue) string {
	doc, _ := v.DocumentOK()
	name, _ := doc.Lookup("coll").StringValueOK()
	return name
}

// Changed names the top-level fields that differ, sorted.
func (e *Event) Changed() []string {
	var names []string
	if e.Description != nil {
		names = describedFields(e.Description)
	} else {
		names = differingFields(e.Before, e.After)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// describedFields are the fields in an updateDescription: {updatedFields, removedFields, truncatedArrays}.
func describedFields(description bson.Raw) []string {
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

// differingFields are the top-level fields in which two documents differ. A nil document has no fields.
func differingFields(before, after bson.Raw) []string {
	old := fieldsOf(before)
	var names []string
	for name, value := range fieldsOf(after) {
		if previous, ok := old[name]; !ok || previous.Type != value.Type || !bytes.Equal(previous.Value, value.Value) {
			names = append(names, name)
		}
		delete(old, name)
	}
	for name := range old {
		names = append(names, name)
	}
	return names
}

func fieldsOf(document bson.Raw) map[string]bson.RawValue {
	elements, _ := document.Elements()
	m := make(map[string]bson.RawValue, len(elements))
	for _, element := range elements {
		m[element.Key()] = element.Value()
	}
	return m
}
