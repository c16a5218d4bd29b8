package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/derived"
	"grapevine/internal/mongox"
)

const (
	formTimeout  = 30 * time.Second // of one call
	maxFormBytes = 4 << 20          // of documents that one call keeps in memory
	maxFormMany  = 200              // contacts that are written at once
)

// Form gives the contacts with these ids a derived part, where it does not belong to the fields. No write overwrites a newer
// edit: it happens only if the fields still are what the derived part was made from. After another edit, that edit's own
// change says whether the contact must be formed.
func (s *Store) Form(ctx context.Context, ids []string) (grapevine.Forming, error) {
	list := make(bson.A, 0, len(ids))
	for _, id := range ids {
		if oid, err := bson.ObjectIDFromHex(id); err == nil {
			list = append(list, oid)
		}
	}
	f := former{store: s}
	return f.form(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: list}}}}, len(list))
}

// FormNext is [Store.Form] for up to n contacts with an id after this one; "" is the start. With fold it also moves the texts that
// stand for a list's first entry into the lists, as earlier versions stored them.
func (s *Store) FormNext(ctx context.Context, after string, n int, fold bool) (grapevine.Forming, error) {
	from := bson.E{Key: "$gte", Value: bson.NilObjectID} // an _id of another type is not in the range
	if after != "" {
		id, err := objectID(after)
		if err != nil {
			return grapevine.Forming{}, err
		}
		from = bson.E{Key: "$gt", Value: id}
	}
	f := former{store: s, fold: fold}
	return f.form(ctx, bson.D{{Key: "_id", Value: bson.D{from}}}, n)
}

// former forms the contacts of one call.
type former struct {
	store  *Store
	fold   bool
	models []mongo.WriteModel
	ids    []string // of the contacts of models
	bytes  int      // of the documents of models
	done   grapevine.Forming
}

func (f *former) form(ctx context.Context, filter bson.D, n int) (grapevine.Forming, error) {
	if n == 0 {
		return f.done, nil
	}
	ctx, cancel := context.WithTimeout(ctx, formTimeout)
	defer cancel()
	projection := bson.D{{Key: fieldForm, Value: 1}}
	for _, name := range derived.Sources() {
		projection = append(projection, bson.E{Key: name, Value: 1})
	}
	cursor, err := f.store.contacts.Find(ctx, filter, options.Find().SetProjection(projection).
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(n)).SetBatchSize(maxFormMany))
	if err != nil {
		return f.done, err
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		f.add(cursor.Current)
		if f.bytes >= maxFormBytes || len(f.models) >= maxFormMany {
			if err := f.write(ctx); err != nil {
				return f.done, err
			}
		}
	}
	if err := cursor.Err(); err != nil {
		return f.done, err
	}
	return f.done, f.write(ctx)
}

// add plans the write of a contact, if it needs one.
func (f *former) add(raw bson.Raw) {
	f.done.Seen++
	f.done.Last = raw.Lookup("_id").ObjectID().Hex() // the filters find no other type
	c, err := Decode(raw)
	if err != nil {
		return // it can never be decoded, and its change is a dead letter
	}
	var set, unset bson.D
	if f.fold {
		set, unset = foldShorthands(raw, &c, nil, nil)
	}
	if len(set) == 0 && len(unset) == 0 && IsFormed(raw, &c) {
		return
	}
	update := bson.D{{Key: "$set", Value: append(set, form(&c))}}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	f.models = append(f.models, mongo.NewUpdateOneModel().SetFilter(ifSourcesAre(raw)).SetUpdate(update))
	f.ids = append(f.ids, c.ID)
	f.bytes += len(raw)
}

// ifSourcesAre matches the document while the fields that its derived part is made from are as they were read. A
// missing field equals null here, which gives the same derived part.
func ifSourcesAre(raw bson.Raw) bson.D {
	var names, values bson.A
	for _, name := range derived.Sources() {
		names = append(names, "$"+name)
		if value := raw.Lookup(name); !value.IsZero() {
			values = append(values, bson.RawValue{Type: value.Type, Value: append([]byte(nil), value.Value...)}) // the cursor reuses its memory
		} else {
			values = append(values, nil)
		}
	}
	return bson.D{
		{Key: "_id", Value: raw.Lookup("_id").ObjectID()},
		{Key: "$expr", Value: bson.D{{Key: "$eq", Value: bson.A{names, bson.D{{Key: "$literal", Value: values}}}}}},
	}
}

// write writes the planned contacts. If the server refuses the command as a whole, which one large document can cause, it
// writes them one by one.
func (f *former) write(ctx context.Context) error {
	models, ids := f.models, f.ids
	f.models, f.ids, f.bytes = nil, nil, 0
	if len(models) == 0 {
		return nil
	}
	err := f.bulkWrite(ctx, models, ids)
	if err == nil || !isOfOneDocument(err) {
		return err
	}
	for i := range models {
		if err := f.bulkWrite(ctx, models[i:i+1], ids[i:i+1]); isOfOneDocument(err) {
			f.done.Refused = append(f.done.Refused, grapevine.Unformable{ID: ids[i], Reason: mongox.Text(err)})
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (f *former) bulkWrite(ctx context.Context, models []mongo.WriteModel, ids []string) error {
	result, err := f.store.contacts.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	if result != nil {
		f.done.Written += int(result.ModifiedCount)
	}
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok {
		return err
	}
	if bulk.WriteConcernError != nil || slices.ContainsFunc(bulk.WriteErrors, func(e mongo.BulkWriteError) bool { return !isOfOneDocument(e.WriteError) }) {
		return err
	}
	for _, e := range bulk.WriteErrors {
		f.done.Refused = append(f.done.Refused, grapevine.Unformable{ID: ids[e.Index], Reason: mongox.Text(e.WriteError)})
	}
	return nil
}

// isOfOneDocument reports whether MongoDB refuses the document and no later try can help.
func isOfOneDocument(err error) bool {
	_, denied := mongox.DenialOf(err)
	return err != nil && !denied && !unavailable(err) && !mongox.HasCode(err, codeDiskFull) && !errors.Is(err, context.Canceled)
}
