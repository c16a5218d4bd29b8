package watcher

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// maxWriteTime is the longest time between the stamp of a new contact, or of a deletion, and its commit. An import takes at
// most half as long.
const maxWriteTime = time.Minute

// fieldMeta is the part of a stored contact that only the API writes; see store/stamp.go.
const fieldMeta = "_meta"

// maxAuthorID is the longest id of an author, in bytes.
const maxAuthorID = 64

// sign says who made the change. It is API if the event carries a new stamp of the API for its own contact. A copied or
// restored document brings the stamp of an earlier write with it, which names another contact or is not new.
func (e *Event) sign(c *grapevine.Change) {
	c.Source, c.By = grapevine.Direct, grapevine.Author{Kind: grapevine.ByDirect}
	meta, ok := e.stamp()
	if !ok || !meta.Lookup("of").Equal(e.Key) || !meta.Lookup("id").IsZero() { // an earlier version writes id, and knows no author
		return
	}
	by, ok := authorIn(meta)
	if !ok {
		return
	}
	c.Source, c.By = grapevine.API, by
	c.Group, _ = meta.Lookup("group").StringValueOK()
}

// stamp is _meta of the event if this change wrote it.
func (e *Event) stamp() (meta bson.Raw, ok bool) {
	image := e.After
	if e.Operation == "delete" {
		image = e.Before
	}
	if meta, ok = image.Lookup(fieldMeta).DocumentOK(); !ok {
		return nil, false
	}
	write := meta.Lookup("write")
	switch {
	case write.IsZero():
		return nil, false
	case e.Operation == "delete":
		deleting, _ := meta.Lookup("deleting").BooleanOK()
		return meta, deleting && e.isRecent(write)
	case e.Operation == "insert":
		return meta, e.isRecent(write)
	case e.Before != nil:
		return meta, !write.Equal(e.Before.Lookup(fieldMeta, "write"))
	case e.Description != nil:
		updated, _ := e.Description.Lookup("updatedFields").DocumentOK()
		_, errField := updated.LookupErr("_meta.write")
		_, errMeta := updated.LookupErr(fieldMeta)
		return meta, errField == nil || errMeta == nil
	}
	return meta, true
}

// authorIn is the author that a stamp names.
func authorIn(meta bson.Raw) (a grapevine.Author, ok bool) {
	kind, _ := meta.Lookup("by", "kind").StringValueOK()
	id, _ := meta.Lookup("by", "id").StringValueOK()
	a = grapevine.Author{Kind: grapevine.AuthorKind(kind), ID: id}
	switch a.Kind {
	case grapevine.ByUser, grapevine.ByToken:
		return a, id != "" && len(id) <= maxAuthorID
	case grapevine.ByUnknown:
		return a, id == ""
	case grapevine.ByDirect:
	}
	return a, false
}

// isRecent reports whether a stamp was made shortly before the event. Both times are MongoDB's.
func (e *Event) isRecent(write bson.RawValue) bool {
	id, ok := write.ObjectIDOK()
	age := time.Unix(int64(e.time.T), 0).Sub(id.Timestamp())
	return ok && age.Abs() <= maxWriteTime
}
