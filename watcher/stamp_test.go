package watcher

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A change of the stamp alone is no change. It has a place in the stream, and nothing follows from it.
func TestAChangeOfTheStampAloneIsNone(t *testing.T) {
	before := bson.E{Key: "fullDocumentBeforeChange", Value: doc("w", "a")}
	after := bson.E{Key: "fullDocument", Value: signed(someID, 7, deleting)}
	update := func(fields bson.D, removed bson.A) bson.E {
		return bson.E{Key: "updateDescription", Value: bson.D{{Key: "updatedFields", Value: fields}, {Key: "removedFields", Value: removed}}}
	}
	for name, raw := range map[string]bson.Raw{
		"of a deletion":  rawEvent("update", bson.D{before, after, update(bson.D{{Key: "_meta", Value: 1}}, nil)}),
		"in part":        rawEvent("update", bson.D{before, after, update(bson.D{{Key: "_meta.write", Value: 1}}, bson.A{"_meta.group"})}),
		"without images": rawEvent("update", bson.D{update(bson.D{{Key: "_meta", Value: 1}}, nil)}),
		"by replacing":   rawEvent("replace", bson.D{before, after}),
	} {
		t.Run(name, func(t *testing.T) {
			change, err := decodeForTestAt(parseEvent(raw))
			require.NoError(t, err)
			require.Equal(t, grapevine.Change{Op: grapevine.Heartbeat, Position: grapevine.NewPosition(7, 3, 0), At: change.At}, change)
		})
	}
}

func TestWhoWroteAChange(t *testing.T) {
	with := func(name string, value any) bson.D {
		d := signed(someID, 7)
		meta, _ := d[2].Value.(bson.D)
		changed := bson.D{}
		for _, e := range meta {
			if e.Key != name {
				changed = append(changed, e)
			}
		}
		if value != nil {
			changed = append(changed, bson.E{Key: name, Value: value})
		}
		return bson.D{d[0], d[1], {Key: "_meta", Value: changed}}
	}
	by := func(kind, id any) bson.D {
		return with("by", bson.D{{Key: "kind", Value: kind}, {Key: "id", Value: id}})
	}
	robot, unknown := grapevine.Author{Kind: grapevine.ByToken, ID: "t"}, grapevine.Author{Kind: grapevine.ByUnknown}
	for name, c := range map[string]struct {
		after bson.D
		by    grapevine.Author
		group string
	}{
		"a user":             {signed(someID, 7), ann, ""},
		"a token":            {by("token", "t"), robot, ""},
		"no sign-in":         {with("by", bson.D{{Key: "kind", Value: "unknown"}}), unknown, ""},
		"an import":          {with("group", "g"), ann, "g"},
		"no author":          {with("by", nil), directly, ""},
		"no id":              {by("user", ""), directly, ""},
		"a huge id":          {by("user", strings.Repeat("x", 65)), directly, ""},
		"an id of a number":  {by("user", 5), directly, ""},
		"another kind":       {by("direct", "x"), directly, ""},
		"an author as text":  {with("by", "ann"), directly, ""},
		"no contact":         {with("of", nil), directly, ""},
		"an earlier version": {with("id", someID), directly, ""},
		"a group of a copy":  {signed(bson.NewObjectID(), 7, bson.E{Key: "group", Value: "g"}), directly, ""},
		"no mark":            {with("write", nil), directly, ""},
	} {
		t.Run(name, func(t *testing.T) {
			change, err := decodeForTestAt(parseEvent(rawEvent("insert", bson.D{{Key: "fullDocument", Value: c.after}})))
			require.NoError(t, err)
			require.Equal(t, c.by, change.By)
			require.Equal(t, c.group, change.Group)
			require.Equal(t, c.by == directly, change.Source == grapevine.Direct)
		})
	}
}
