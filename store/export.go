package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
)

// exportLimit is how many contacts one read of an export fetches.
const exportLimit = 200

// MongoDB's errors for a moment that it keeps no longer, or cannot show because an index or the collection is newer.
const (
	codeSnapshotTooOld      = 239
	codeSnapshotUnavailable = 246
)

// StartExport begins an export that shows everything up to a position.
func (s *Store) StartExport(ctx context.Context, after grapevine.Position) (e grapevine.Export, err error) {
	err = s.withTimeout(ctx, s.timeout, "begin an export", func(ctx context.Context) error {
		at, err := s.causal(ctx, after)
		if err != nil {
			return err
		}
		if e.Moment, err = s.ping(ctx); err != nil {
			return err
		}
		if at != nil {
			if after := grapevine.NewPosition(at.T, at.I, 0); e.Moment.Before(after) {
				e.Moment = after
			}
		}
		return nil
	})
	return e, err
}

// ExportPage reads the next contacts of a workspace in the order of their ids. Of q it uses the workspace and the filters. It
// tries again while MongoDB does not answer, until ctx ends.
func (s *Store) ExportPage(ctx context.Context, q grapevine.Query, e *grapevine.Export) ([]grapevine.Contact, error) {
	if err := checkText(q); err != nil {
		return nil, err
	}
	from := bson.D{{Key: "$gte", Value: bson.ObjectID{}}} // not all ids of direct edits are ObjectIDs
	if e.After != "" {
		id, err := objectID(e.After)
		if err != nil {
			return nil, err
		}
		from = bson.D{{Key: "$gt", Value: id}}
	}
	filter := append(bson.D{{Key: "workspace", Value: q.Workspace}, {Key: "_id", Value: from}}, filtersOf(q).checks()...)
	var wait retry.Backoff
	for {
		docs, err := s.exportDocs(ctx, filter, e)
		switch {
		case err == nil:
			return exported(docs, e), nil
		case !unavailable(err) || retry.Sleep(ctx, wait.Next()) != nil:
			return nil, publicError(ctx, "export contacts", err)
		}
	}
}

// exportDocs reads one page, as of the export's moment while MongoDB has it.
func (s *Store) exportDocs(ctx context.Context, filter bson.D, e *grapevine.Export) ([]bson.Raw, error) {
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	concern := bson.D{{Key: "level", Value: "majority"}}
	if e.Moment.Time != 0 {
		concern = bson.D{{Key: "level", Value: "snapshot"}, {Key: "atClusterTime", Value: bson.Timestamp{T: e.Moment.T(), I: e.Moment.I()}}}
	}
	docs, err := s.exportOnce(limited, filter, s.indexes.NameOf(byID), concern)
	if indexMissing(err) {
		docs, err = s.exportOnce(limited, filter, "_id_", concern)
	}
	if mongox.HasCode(err, codeSnapshotTooOld, codeSnapshotUnavailable) && e.Moment.Time != 0 {
		e.Moment = grapevine.Position{}
		return s.exportDocs(ctx, filter, e)
	}
	return docs, err
}

func (s *Store) exportOnce(ctx context.Context, filter bson.D, hint string, concern bson.D) (docs []bson.Raw, err error) {
	command := findCommand(filter,
		bson.E{Key: "sort", Value: bson.D{{Key: "_id", Value: 1}}}, bson.E{Key: "hint", Value: hint},
		bson.E{Key: "limit", Value: exportLimit}, bson.E{Key: "batchSize", Value: exportLimit}, bson.E{Key: "singleBatch", Value: true},
		bson.E{Key: "readConcern", Value: concern})
	cursor, err := s.db.RunCommandCursor(ctx, command)
	if err != nil {
		return nil, err
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		docs = append(docs, append(bson.Raw(nil), cursor.Current...)) // the driver reuses the batch's memory
	}
	return docs, cursor.Err()
}

// exported decodes a page and moves the export behind it. A page may be short because its contacts are large, so only an
// empty one is the end.
func exported(docs []bson.Raw, e *grapevine.Export) []grapevine.Contact {
	e.End = len(docs) == 0
	contacts := make([]grapevine.Contact, 0, len(docs))
	for _, doc := range docs {
		e.After = doc.Lookup("_id").ObjectID().Hex()
		if c, err := Decode(doc); err == nil { // a list does not show the others either
			contacts = append(contacts, c)
		}
	}
	return contacts
}
