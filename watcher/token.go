package watcher

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/mongox"
)

// token is the resume token with this _data.
func token(data string) bson.Raw {
	raw, _ := bson.Marshal(bson.D{{Key: "_data", Value: data}}) // a string always marshals
	return raw
}

// tokenTime is the cluster time inside a token's _data, as a position with N 0.
func tokenTime(data string) (grapevine.Position, error) {
	t, i, err := mongox.ResumeTokenTime(data)
	return grapevine.NewPosition(t, i, 0), err
}
