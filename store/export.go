package store

import (
	"cmp"
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
)

// exportLimit is how many contacts one read of an export fetches.
const exportLimit = 200

// exportWindow is how many contacts one read of an export with filters looks at, so that none takes long, however few match.
const exportWindow = 10_000

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

// ExportPage reads the next contacts of a workspace in the order of their ids. Of q it uses the workspace and the filters. A
// page may be empty before the end. ExportPage tries again while MongoDB does not answer, until ctx ends.
func (s *Store) ExportPage(ctx context.Context, q grapevine.Query, e *grapevine.Export) ([]grapevine.Contact, error) {
	if err := checkText(q); err != nil {
		return nil, err
	}
	ids := bson.D{{Key: "$gte", Value: bson.ObjectID{}}} // not all ids of direct edits are ObjectIDs
	if e.After != "" {
		id, err := objectID(e.After)
		if err != nil {
			return nil, err
		}
		ids = bson.D{{Key: "$gt", Value: id}}
	}
	var wait retry.Backoff
	for {
		contacts, err := s.exportPage(ctx, q, ids, e)
		if err == nil || !unavailable(err) || retry.Sleep(ctx, wait.Next()) != nil {
			return contacts, publicError(ctx, "export contacts", err)
		}
	}
}

func (s *Store) exportPage(ctx context.Context, q grapevine.Query, ids bson.D, e *grapevine.Export) ([]grapevine.Contact, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	filter := func() bson.D { return bson.D{{Key: "workspace", Value: q.Workspace}, {Key: "_id", Value: ids}} }
	checks := filtersOf(q).checks()
	windowEnd := "" // empty: that of the workspace
	if len(checks) > 0 {
		docs, err := s.exportFind(ctx, e, filter(), bson.E{Key: "skip", Value: s.exportWindow - 1}, bson.E{Key: "limit", Value: 1}, bson.E{Key: "projection", Value: bson.D{{Key: "_id", Value: 1}}})
		if err != nil {
			return nil, err
		}
		if len(docs) == 1 {
			end := docs[0].Lookup("_id").ObjectID()
			windowEnd, ids = end.Hex(), append(ids, bson.E{Key: "$lte", Value: end})
		}
	}
	docs, err := s.exportFind(ctx, e, append(filter(), checks...), bson.E{Key: "limit", Value: exportLimit}, bson.E{Key: "batchSize", Value: exportLimit})
	if err != nil {
		return nil, err
	}
	contacts := make([]grapevine.Contact, 0, len(docs))
	for _, doc := range docs {
		e.After = doc.Lookup("_id").ObjectID().Hex()
		if c, err := Decode(doc); err == nil { // a list does not show the others either
			contacts = append(contacts, c)
		}
	}
	if err := s.nameOrganizations(ctx, e, q.Workspace, contacts); err != nil {
		return nil, err
	}
	if len(docs) == 0 { // a page may be short because its contacts are large, so only an empty one is the end
		e.After, e.End = cmp.Or(windowEnd, e.After), windowEnd == ""
	}
	return contacts, nil
}

// nameOrganizations replaces the ids of organizations by their uids, where they have one. An import keeps uids, but not ids.
func (s *Store) nameOrganizations(ctx context.Context, e *grapevine.Export, workspace string, contacts []grapevine.Contact) error {
	names := map[string]string{} // by id
	var ids bson.A
	for _, c := range contacts {
		oid, err := objectID(c.OrganizationID)
		if _, twice := names[c.OrganizationID]; err != nil || twice {
			continue // a direct edit may have stored anything
		}
		names[c.OrganizationID] = c.OrganizationID
		ids = append(ids, oid)
	}
	if len(ids) == 0 {
		return nil
	}
	filter := bson.D{{Key: "workspace", Value: workspace}, {Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
	docs, err := s.exportFind(ctx, e, filter, bson.E{Key: "batchSize", Value: len(ids)}, bson.E{Key: "projection", Value: bson.D{{Key: "uid", Value: 1}}})
	if err != nil {
		return err
	}
	for _, doc := range docs {
		if uid, ok := doc.Lookup("uid").StringValueOK(); ok && uid != "" && len(uid) <= 4*grapevine.MaxUID {
			names[doc.Lookup("_id").ObjectID().Hex()] = uid
		}
	}
	for i := range contacts {
		if name := names[contacts[i].OrganizationID]; name != "" {
			contacts[i].OrganizationID = name
		}
	}
	return nil
}

// exportFind reads as of the export's moment while MongoDB has it.
func (s *Store) exportFind(ctx context.Context, e *grapevine.Export, filter bson.D, options ...bson.E) ([]bson.Raw, error) {
	command := findCommand(filter, append(options, bson.E{Key: "sort", Value: bson.D{{Key: "_id", Value: 1}}}, bson.E{Key: "singleBatch", Value: true})...)
	concern := bson.D{{Key: "level", Value: "majority"}}
	if e.Moment.Time != 0 {
		concern = bson.D{{Key: "level", Value: "snapshot"}, {Key: "atClusterTime", Value: bson.Timestamp{T: e.Moment.T(), I: e.Moment.I()}}}
	}
	docs, err := s.exportOnce(ctx, command, s.indexes.NameOf(byID), concern)
	if indexMissing(err) {
		docs, err = s.exportOnce(ctx, command, "_id_", concern)
	}
	if mongox.HasCode(err, codeSnapshotTooOld, codeSnapshotUnavailable) && e.Moment.Time != 0 {
		e.Moment = grapevine.Position{}
		return s.exportFind(ctx, e, filter, options...)
	}
	return docs, err
}

func (s *Store) exportOnce(ctx context.Context, command bson.D, hint string, concern bson.D) (docs []bson.Raw, err error) {
	cursor, err := s.db.RunCommandCursor(ctx, append(command[:len(command):len(command)], bson.E{Key: "hint", Value: hint}, bson.E{Key: "readConcern", Value: concern}))
	if err != nil {
		return nil, err
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		docs = append(docs, append(bson.Raw(nil), cursor.Current...)) // the driver reuses the batch's memory
	}
	return docs, cursor.Err()
}
