package access

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
)

// subject is whose right is asked for.
type subject struct {
	kind subjectKind
	id   string
}

type subjectKind int

const (
	ofSession subjectKind = iota // id is the hash of the secret
	ofToken                      // id is the hash of the text
	ofTokenID                    // id is the shown one
	ofUser                       // id is hex
)

// collection and field name where the document of a subject is.
func (k subjectKind) place() (collection, field string) {
	switch k {
	case ofSession:
		return grapevine.CollectionSessions, "_id"
	case ofToken:
		return grapevine.CollectionTokens, "_id"
	case ofTokenID:
		return grapevine.CollectionTokens, "id"
	}
	return grapevine.CollectionUsers, "_id"
}

// maxLoaded bounds the subjects of one read.
const maxLoaded = 200

// load reads rights from MongoDB, each document together with its user, on the primary with majority concern, at or after
// the position that the stream had reached. A subject that is missing in the result has no right. An error means that
// MongoDB did not answer.
func (a *Access) load(ctx context.Context, kind subjectKind, ids []string, after grapevine.Position) (map[string]*right, error) {
	ctx, cancel := context.WithTimeout(ctx, a.times.read)
	defer cancel()
	collection, field := kind.place()
	values := bson.A{}
	for _, id := range ids {
		if kind != ofUser {
			values = append(values, id)
		} else if user, err := bson.ObjectIDFromHex(id); err == nil {
			values = append(values, user)
		}
	}
	pipeline := bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: field, Value: bson.D{{Key: "$in", Value: values}}}}}},
		bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}, {Key: "document", Value: "$$ROOT"}}}},
	}
	if kind != ofUser {
		pipeline = append(pipeline, bson.D{{Key: "$lookup", Value: bson.D{
			{Key: "from", Value: grapevine.CollectionUsers},
			{Key: "localField", Value: "document.user"},
			{Key: "foreignField", Value: "_id"},
			{Key: "as", Value: "users"},
		}}})
	}
	a.metrics.reads.Inc()
	rows, err := a.aggregate(ctx, collection, pipeline, after)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", collection, err)
	}
	found, now := map[string]*right{}, a.now()
	for _, row := range rows {
		id, r := a.decodeRight(kind, row, now)
		if _, twice := found[id]; twice {
			r = nil // two tokens show one id: none of them is the one that was meant
		}
		found[id] = r
	}
	return found, nil
}

// aggregate returns the rows. It tries again within ctx while MongoDB has a failover, and a few times after another error:
// a collection that is dropped or renamed ends the reads of it.
func (a *Access) aggregate(ctx context.Context, collection string, pipeline bson.A, after grapevine.Position) ([]bson.Raw, error) {
	backoff := retry.Backoff{First: 20 * time.Millisecond, Max: time.Second}
	for {
		rows, err := a.aggregateOnce(ctx, collection, pipeline, after)
		if err == nil || ctx.Err() != nil || backoff.Failures() >= 3 && !mongo.IsNetworkError(err) && !mongox.NotNow(err) {
			return rows, err
		}
		if waited := retry.Sleep(ctx, backoff.Next()); waited != nil {
			return nil, err
		}
	}
}

func (a *Access) aggregateOnce(ctx context.Context, collection string, pipeline bson.A, after grapevine.Position) (rows []bson.Raw, err error) {
	concern := bson.D{{Key: "level", Value: "majority"}}
	if !after.IsZero() {
		concern = append(concern, bson.E{Key: "afterClusterTime", Value: bson.Timestamp{T: after.T(), I: after.I()}})
	}
	cursor, err := a.cfg.DB.RunCommandCursor(ctx, bson.D{
		{Key: "aggregate", Value: collection},
		{Key: "pipeline", Value: pipeline},
		{Key: "cursor", Value: bson.D{}},
		{Key: "readConcern", Value: concern},
	}, options.RunCmd().SetReadPreference(readpref.Primary()))
	if err != nil {
		return nil, err
	}
	err = cursor.All(ctx, &rows)
	return rows, err
}

// decodeRight turns a row into a right. It is nil if the documents give none.
func (a *Access) decodeRight(kind subjectKind, row bson.Raw, now time.Time) (id string, r *right) {
	document := row.Lookup("document").Document()
	user := a.decodeOwner(kind, row, document)
	switch kind {
	case ofUser:
		userID, _ := document.Lookup("_id").ObjectIDOK()
		return userID.Hex(), rightOfUser(user)
	case ofSession:
		id, _ = document.Lookup("_id").StringValueOK()
		s, err := decodeSession(document)
		if err != nil {
			a.unfit(err)
			return id, nil
		}
		return id, rightOfSession(&s, user, now)
	}
	_, field := kind.place()
	id, _ = document.Lookup(field).StringValueOK()
	t, err := decodeToken(document)
	if err != nil {
		a.unfit(err)
		return id, nil
	}
	return id, rightOfToken(&t, user, now)
}

// decodeOwner is the user of a row, nil if there is none or the document does not fit.
func (a *Access) decodeOwner(kind subjectKind, row, document bson.Raw) *User {
	raw := document
	if kind != ofUser {
		users, _ := row.Lookup("users").ArrayOK()
		values, err := users.Values()
		if err != nil || len(values) != 1 {
			return nil
		}
		raw = values[0].Document()
	}
	user, err := decodeUser(raw)
	if err != nil {
		a.unfit(err)
		return nil
	}
	return &user
}

// unfit logs a document that only a bypassed validator could store. The error names no values.
func (a *Access) unfit(err error) {
	if n, ok := a.unfitLog.Allow(); ok {
		a.cfg.Logger.Warn("a document of access does not fit its schema and gives no rights", "err", err, "times", n)
	}
}
