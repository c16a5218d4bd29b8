package watcher

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// maxWriteTime is the longest time between the mark of a new contact and its commit. An import takes at most half as
// long.
const maxWriteTime = time.Minute

// source is API if this change has a new mark of the API, which is _meta in the document. A copied or restored document
// brings the mark of an earlier write with it: the mark names another contact, or is older than the insert.
func (e *Event) source() grapevine.Source {
	write := e.After.Lookup("_meta", "write")
	if write.IsZero() {
		return grapevine.Direct
	}
	// A mark of an earlier version does not name the contact.
	if id := e.After.Lookup("_meta", "id"); !id.IsZero() && !id.Equal(e.Key) {
		return grapevine.Direct
	}
	switch {
	case e.Operation == "insert":
		if !e.isRecent(write) {
			return grapevine.Direct
		}
	case e.Before != nil:
		if write.Equal(e.Before.Lookup("_meta", "write")) {
			return grapevine.Direct
		}
	case e.Description != nil:
		updated, _ := e.Description.Lookup("updatedFields").DocumentOK()
		_, errField := updated.LookupErr("_meta.write")
		_, errMeta := updated.LookupErr("_meta")
		if errField != nil && errMeta != nil {
			return grapevine.Direct
		}
	}
	return grapevine.API
}

// isRecent reports whether a mark was made shortly before the event. Both times are MongoDB's.
func (e *Event) isRecent(write bson.RawValue) bool {
	id, ok := write.ObjectIDOK()
	age := time.Unix(int64(e.time.T), 0).Sub(id.Timestamp())
	return ok && age.Abs() <= maxWriteTime
}
