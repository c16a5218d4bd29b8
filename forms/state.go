package forms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/derived"
)

const callTimeout = 5 * time.Second

// record is the document of the collection control that says which contacts have been walked over.
type record struct {
	Requests int64 `bson:"requests"`       // walks that were asked for
	Walk     *walk `bson:"walk,omitempty"` // that is going on
	Done     *walk `bson:"done,omitempty"` // the last one that reached the end
}

// walk is one walk over all contacts.
type walk struct {
	Version   int       `bson:"version"`  // of the function
	Requests  int64     `bson:"requests"` // that it answers
	Fold      bool      `bson:"fold"`     // it also moves the fields of an earlier version
	After     string    `bson:"after"`    // id of the last contact that it has done
	Seen      int64     `bson:"seen"`
	Written   int64     `bson:"written"`
	Total     int64     `bson:"total"` // about how many contacts there are
	StartedAt time.Time `bson:"startedAt"`
	EndedAt   time.Time `bson:"endedAt,omitempty"`
}

// isDue reports whether a walk has to go on or to begin. While an earlier program may still write, one walk of a migration
// is enough; the last one follows.
func (r *record) isDue(migrating, unsettled bool) bool {
	switch {
	case r.Done == nil, r.Done.Version < derived.Version, r.Done.Requests < r.Requests:
		return true
	case migrating:
		return !unsettled || !r.Done.Fold
	}
	return false
}

// state is the record in MongoDB.
type state struct{ control *mongo.Collection }

func (s *state) read(ctx context.Context) (r record, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err = s.control.FindOne(ctx, bson.D{{Key: "_id", Value: grapevine.ControlForms}}).Decode(&r)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return r, fmt.Errorf("read which contacts are formed: %w", err)
	}
	return r, nil
}

// request asks for a walk from the start.
func (s *state) request(ctx context.Context) error {
	return s.update(ctx, bson.D{{Key: "$inc", Value: bson.D{{Key: "requests", Value: int64(1)}}}})
}

// save records how far a walk is.
func (s *state) save(ctx context.Context, w *walk) error {
	return s.update(ctx, bson.D{{Key: "$set", Value: bson.D{{Key: "walk", Value: w}}}})
}

// end records that a walk has reached the end.
func (s *state) end(ctx context.Context, w *walk) error {
	return s.update(ctx, bson.D{{Key: "$set", Value: bson.D{{Key: "done", Value: w}}}, {Key: "$unset", Value: bson.D{{Key: "walk", Value: ""}}}})
}

func (s *state) update(ctx context.Context, update bson.D) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := s.control.UpdateByID(ctx, grapevine.ControlForms, update, options.UpdateOne().SetUpsert(true))
	if err != nil {
		return fmt.Errorf("record which contacts are formed: %w", err)
	}
	return nil
}

// Progress says how far the contacts are formed.
type Progress struct {
	Walking   bool  // a walk has to reach the end, before every contact has its place in lists and searches
	Migrating bool  // the walk also moves fields of an earlier version of the data
	Seen      int64 // contacts that the walk has done
	Total     int64 // about how many there are
	Waiting   int64 // contacts that were edited directly and are formed next
}

// Progress reads how far the contacts are formed. Any instance may ask.
func (f *Forms) Progress(ctx context.Context) (Progress, error) {
	p, err := f.walkProgress(ctx)
	if err != nil {
		return p, err
	}
	p.Waiting, err = f.named.count(ctx)
	return p, err
}

// IsWalking reports whether a walk has to reach the end, before every contact has its place in lists and searches.
func (f *Forms) IsWalking(ctx context.Context) (bool, error) {
	p, err := f.walkProgress(ctx)
	return p.Walking, err
}

func (f *Forms) walkProgress(ctx context.Context) (p Progress, err error) {
	r, err := f.state.read(ctx)
	if err != nil {
		return p, err
	}
	_, migrating, err := f.Migration.Pending(ctx)
	if err != nil {
		return p, err
	}
	p = Progress{Walking: r.isDue(migrating, true), Migrating: migrating}
	if p.Walking && r.Walk != nil {
		p.Seen, p.Total = r.Walk.Seen, r.Walk.Total
	}
	return p, nil
}
