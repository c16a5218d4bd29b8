package access

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// event is a change of a document of the four collections, or the end of a collection.
type event struct {
	Operation string         `bson:"operationType"`
	Namespace namespace      `bson:"ns"`
	RenamedTo namespace      `bson:"to"`
	Time      bson.Timestamp `bson:"clusterTime"`
	Key       struct {
		ID bson.RawValue `bson:"_id"`
	} `bson:"documentKey"`

	Changed []string      `bson:"changed"` // names of fields that an update has set
	Removed []string      `bson:"removed"` // and removed
	SeenAt  bson.RawValue `bson:"seenAt"`
	UsedAt  bson.RawValue `bson:"usedAt"`
	Expires bson.RawValue `bson:"expiresAt"`
}

type namespace struct {
	Collection string `bson:"coll"`
}

// followedCollections are the collections of the stream.
var followedCollections = []string{
	grapevine.CollectionUsers, grapevine.CollectionSessions, grapevine.CollectionTokens, grapevine.CollectionInvitations,
}

var dropOperations = []string{"drop", "rename", "dropDatabase", "invalidate"}

func (e *event) isDrop() bool { return slices.Contains(dropOperations, e.Operation) }

// concernsUs reports whether a drop or rename takes one of the collections away, or puts another one in its place.
func (e *event) concernsUs() bool {
	return e.Operation == "dropDatabase" || e.Operation == "invalidate" ||
		slices.Contains(followedCollections, e.Namespace.Collection) || slices.Contains(followedCollections, e.RenamedTo.Collection)
}

// isUse reports whether an update only noted a use, and returns that.
func (e *event) isUse() (u use, only bool) {
	if e.Operation != "update" || len(e.Removed) > 0 || len(e.Changed) == 0 {
		return use{}, false
	}
	seen, ok := e.SeenAt.TimeOK()
	if e.Namespace.Collection == grapevine.CollectionTokens {
		seen, ok = e.UsedAt.TimeOK()
	}
	for _, field := range e.Changed {
		switch field {
		case "seenAt", "usedAt":
		case "expiresAt":
			expires, isTime := e.Expires.TimeOK()
			u.expires, ok = expires, ok && isTime && e.Namespace.Collection == grapevine.CollectionSessions
		default:
			return use{}, false
		}
	}
	u.seen = seen
	return u, ok
}

// pipeline matches on operation and namespace only, because the match on a document would lose deletions. It leaves out
// the values of all fields but those of a use: the rest is read again.
var pipeline = mongo.Pipeline{
	{{Key: "$match", Value: bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "ns.coll", Value: bson.D{{Key: "$in", Value: followedCollections}}}},
		bson.D{{Key: "operationType", Value: bson.D{{Key: "$in", Value: dropOperations}}}},
	}}}}},
	{{Key: "$project", Value: bson.D{
		{Key: "operationType", Value: 1},
		{Key: "ns", Value: 1},
		{Key: "to", Value: 1},
		{Key: "clusterTime", Value: 1},
		{Key: "documentKey", Value: 1},
		{Key: "removed", Value: "$updateDescription.removedFields"},
		{Key: "changed", Value: bson.D{{Key: "$map", Value: bson.D{
			{Key: "input", Value: bson.D{{Key: "$objectToArray", Value: "$updateDescription.updatedFields"}}},
			{Key: "in", Value: "$$this.k"},
		}}}},
		{Key: "seenAt", Value: "$updateDescription.updatedFields.seenAt"},
		{Key: "usedAt", Value: "$updateDescription.updatedFields.usedAt"},
		{Key: "expiresAt", Value: "$updateDescription.updatedFields.expiresAt"},
	}}},
}
