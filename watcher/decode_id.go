package watcher

import (
	"fmt"

	"grapevine"
)

// IDDecoder is the [Decoder] of a collection whose effects need only the id of a document, an ObjectID, and whether it is new. Its changes
// have no images, so effects of contacts treat them as incomplete.
func IDDecoder(e Event, at grapevine.Position) (grapevine.Change, error) {
	c := grapevine.Change{Position: at, At: e.Committed}
	id, ok := e.Key.ObjectIDOK()
	if !ok {
		return c, fmt.Errorf("its _id is a %s, not an ObjectID", e.Key.Type)
	}
	c.ID = id.Hex()
	switch e.Operation {
	case "insert":
		c.Op = grapevine.Created
	case "delete":
		c.Op = grapevine.Deleted
	default:
		c.Op = grapevine.Updated
	}
	return c, nil
}
