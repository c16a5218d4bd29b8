package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Fields of _meta that every write of the API sets, or removes. A direct edit does not change them; see watcher/stamp.go.
const (
	metaOf       = "of"       // the contact. The mark of a copied document names another one
	metaWrite    = "write"    // new in every write
	metaBy       = "by"       // the author of the write
	metaGroup    = "group"    // the import that wrote
	metaDeleting = "deleting" // the same transaction deletes the contact

	metaFormerOf = "id" // what earlier versions called metaOf
)

// stamp is _meta of a write by the author of ctx.
func (s *Store) stamp(ctx context.Context, id any, group string) bson.D {
	meta := bson.D{{Key: metaOf, Value: id}, {Key: metaWrite, Value: s.newWrite()}, {Key: metaBy, Value: storedAuthor(ctx)}}
	if group != "" {
		meta = append(meta, bson.E{Key: metaGroup, Value: group})
	}
	return meta
}

// newWrite is new in every write. Its time is MongoDB's.
func (s *Store) newWrite() bson.ObjectID {
	now, ok := s.clock.Now()
	if !ok {
		now = time.Now()
	}
	return bson.NewObjectIDFromTimestamp(now)
}

// storedAuthor is the author without the name, which is looked up when it is shown.
func storedAuthor(ctx context.Context) bson.D {
	author := grapevine.AuthorOf(ctx)
	stored := bson.D{{Key: "kind", Value: string(author.Kind)}}
	if author.ID != "" {
		stored = append(stored, bson.E{Key: "id", Value: author.ID})
	}
	return stored
}

// stampUpdate adds the stamp to an update of the document. The stamp of a copied document is replaced as a whole, because
// the key in it belongs to the other one. A group is the mark of one write: the next one sets its own, or removes it.
func (s *Store) stampUpdate(ctx context.Context, raw bson.Raw, group string, set, unset bson.D) (newSet, newUnset bson.D) {
	id := raw.Lookup("_id")
	meta, ok := raw.Lookup("_meta").DocumentOK()
	former := meta.Lookup(metaFormerOf)
	of := meta.Lookup(metaOf)
	if of.IsZero() {
		of = former
	}
	stamp := s.stamp(ctx, id, group)
	if !ok || !of.IsZero() && !of.Equal(id) {
		return append(set, bson.E{Key: "_meta", Value: stamp}), unset
	}
	for _, mark := range stamp {
		set = append(set, bson.E{Key: "_meta." + mark.Key, Value: mark.Value})
	}
	if !former.IsZero() {
		unset = append(unset, bson.E{Key: "_meta." + metaFormerOf, Value: ""})
	}
	if group == "" && !meta.Lookup(metaGroup).IsZero() {
		unset = append(unset, bson.E{Key: "_meta." + metaGroup, Value: ""})
	}
	return set, unset
}
