package watcher

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// oversized is BSONObjectTooLarge: a change and its images together pass 16 MB.
const oversized = 10334

func tooLarge(err error) bool {
	server, ok := errors.AsType[mongo.ServerError](err)
	return ok && server.HasErrorCode(oversized)
}

// slim drops the documents and the values of an update, and keeps which fields it touched.
func slim() bson.D {
	return bson.D{{Key: "$project", Value: bson.D{
		{Key: "operationType", Value: 1},
		{Key: "ns", Value: 1},
		{Key: "to", Value: 1},
		{Key: "documentKey", Value: 1},
		{Key: "clusterTime", Value: 1},
		{Key: "wallTime", Value: 1},
		{Key: "updateDescription.removedFields", Value: 1},
		{Key: "updateDescription.truncatedArrays", Value: 1},
		{Key: "updateDescription.updatedFields", Value: bson.D{{Key: "$arrayToObject", Value: bson.D{{Key: "$map", Value: bson.D{
			{Key: "input", Value: bson.D{{Key: "$objectToArray", Value: "$updateDescription.updatedFields"}}},
			{Key: "in", Value: bson.D{{Key: "k", Value: "$$this.k"}, {Key: "v", Value: true}}},
		}}}}}},
	}}}
}

// applyOversized takes the one change that does not fit into 16 MB with its images: it is read
// without them, and its document by its key.
func (s *session) applyOversized(reading, work context.Context) error {
	if err := s.approach(reading, work); !tooLarge(err) {
		return err
	}
	s.metrics.oversized.Inc()
	st, err := open(reading, s.DB, *s.known, s.Decode, without)
	if err != nil {
		return err
	}
	defer st.close(work)
	st.fetch = s.fetch(reading)
	for reading.Err() == nil {
		b, err := st.read(reading, 1)
		if len(b.changes) > 0 {
			s.log.Warn("a change with its images is over 16 MB; it was read without them", "position", b.changes[0].Position)
			return s.apply(work, b)
		}
		if b.broken != "" {
			return s.broken(work, b.broken)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fetch reads a contact as it is now; nil where it is gone.
func (s *session) fetch(ctx context.Context) func(bson.ObjectID) (bson.Raw, error) {
	return func(id bson.ObjectID) (bson.Raw, error) {
		call, cancel := context.WithTimeout(ctx, callBound)
		defer cancel()
		raw, err := s.DB.Collection(contacts).FindOne(call, bson.D{{Key: "_id", Value: id}}).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			return nil, nil
		}
		return raw, err
	}
}

// approach applies the changes before the one that does not fit, which failed with it only because the
// server reads many at once. They keep their images: without them a document would be shown as it is
// now, and one that came and went in the meantime not at all. It ends with that change's error, or
// without one where nothing was too large after all.
func (s *session) approach(reading, work context.Context) error {
	st, err := open(reading, s.DB, *s.known, s.Decode, oneByOne)
	if err != nil {
		return err
	}
	defer st.close(work)
	for n := 0; n < batchSize && reading.Err() == nil; n++ {
		b, err := st.read(reading, 1)
		if len(b.changes) > 0 {
			if err := s.apply(work, b); err != nil {
				return err
			}
			s.progressed()
		}
		if b.broken != "" {
			return s.broken(work, b.broken)
		}
		if err != nil || len(b.changes) == 0 {
			return err
		}
	}
	return nil
}
