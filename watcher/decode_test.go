package watcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

var someID = bson.NewObjectID()

// rawEvent is an event of contacts with extra fields at its end.
func rawEvent(op string, extra bson.D) bson.Raw {
	raw, err := bson.Marshal(append(bson.D{
		{Key: "_id", Value: bson.D{{Key: "_data", Value: "82"}}},
		{Key: "operationType", Value: op},
		{Key: "clusterTime", Value: bson.Timestamp{T: 7, I: 3}},
		{Key: "ns", Value: bson.D{{Key: "db", Value: "d"}, {Key: "coll", Value: grapevine.CollectionContacts}}},
		{Key: "documentKey", Value: bson.D{{Key: "_id", Value: someID}}},
	}, extra...))
	if err != nil {
		panic(err)
	}
	return raw
}

func doc(write, workspace string) bson.D {
	d := bson.D{{Key: "_id", Value: someID}, {Key: "workspace", Value: workspace}}
	if write != "" {
		d = append(d, bson.E{Key: "_meta", Value: bson.D{{Key: "write", Value: write}}})
	}
	return d
}

// marked is a document with the mark of a write at a time in seconds. id is the contact that the mark names.
func marked(id any, at int64) bson.D {
	meta := bson.D{{Key: "write", Value: bson.NewObjectIDFromTimestamp(time.Unix(at, 0))}}
	if id != nil {
		meta = append(meta, bson.E{Key: "id", Value: id})
	}
	return bson.D{{Key: "_id", Value: someID}, {Key: "workspace", Value: "a"}, {Key: "_meta", Value: meta}}
}

func descriptionOf(fields bson.D) bson.E {
	return bson.E{Key: "updateDescription", Value: bson.D{
		{Key: "updatedFields", Value: fields},
		{Key: "removedFields", Value: bson.A{"phone", "addresses.0.city"}},
		{Key: "truncatedArrays", Value: bson.A{bson.D{{Key: "field", Value: "tags"}, {Key: "newSize", Value: 1}}}},
	}}
}

func TestDecode(t *testing.T) {
	before := func(d bson.D) bson.E { return bson.E{Key: "fullDocumentBeforeChange", Value: d} }
	after := func(d bson.D) bson.E { return bson.E{Key: "fullDocument", Value: d} }
	touched := bson.D{{Key: "notes", Value: "n"}, {Key: "_meta.write", Value: "w2"}, {Key: "updatedAt", Value: 1}}
	for name, c := range map[string]struct {
		raw     bson.Raw
		op      grapevine.Op
		source  grapevine.Source
		changed []string
	}{
		"insert through the API": {rawEvent("insert", bson.D{after(marked(someID, 7))}), grapevine.Created, grapevine.API, nil},
		"insert of a copy":       {rawEvent("insert", bson.D{after(marked(bson.NewObjectID(), 7))}), grapevine.Created, grapevine.Direct, nil},
		"insert of a restored":   {rawEvent("insert", bson.D{after(marked(someID, 700))}), grapevine.Created, grapevine.Direct, nil},
		"insert of an old mark":  {rawEvent("insert", bson.D{after(marked(nil, 700))}), grapevine.Created, grapevine.Direct, nil},
		"insert without an id":   {rawEvent("insert", bson.D{after(marked(nil, 7))}), grapevine.Created, grapevine.API, nil},
		"merge of another":       {rawEvent("replace", bson.D{before(doc("w", "a")), after(marked(bson.NewObjectID(), 7))}), grapevine.Updated, grapevine.Direct, []string{}},
		"direct insert":          {rawEvent("insert", bson.D{after(doc("", "a"))}), grapevine.Created, grapevine.Direct, nil},
		"update through the API": {rawEvent("update", bson.D{before(doc("w", "a")), after(doc("w2", "a")), descriptionOf(touched)}), grapevine.Updated, grapevine.API, []string{"addresses", "notes", "phones", "tags"}},
		"direct update":          {rawEvent("update", bson.D{before(doc("w", "a")), after(doc("w", "a")), descriptionOf(bson.D{{Key: "x.y", Value: 1}})}), grapevine.Updated, grapevine.Direct, []string{"addresses", "phones", "tags", "x"}},
		"no pre-image, API":      {rawEvent("update", bson.D{after(doc("w2", "a")), descriptionOf(touched)}), grapevine.Updated, grapevine.API, []string{"addresses", "notes", "phones", "tags"}},
		"no pre-image, direct":   {rawEvent("update", bson.D{after(doc("w2", "a")), descriptionOf(bson.D{{Key: "notes", Value: ""}})}), grapevine.Updated, grapevine.Direct, []string{"addresses", "notes", "phones", "tags"}},
		"no pre-image, moved":    {rawEvent("update", bson.D{after(doc("w2", "a")), descriptionOf(bson.D{{Key: "owner", Value: ""}})}), grapevine.Resync, "", nil},
		"no images":              {rawEvent("update", bson.D{descriptionOf(bson.D{{Key: "notes", Value: ""}})}), grapevine.Resync, "", nil},
		"replace":                {rawEvent("replace", bson.D{before(doc("w", "a")), after(doc("w", "b"))}), grapevine.Updated, grapevine.Direct, []string{"workspace"}},
		"replace, no pre-image":  {rawEvent("replace", bson.D{after(doc("w", "b"))}), grapevine.Resync, "", nil},
		"delete":                 {rawEvent("delete", bson.D{before(doc("w", "b"))}), grapevine.Deleted, "", nil},
		"delete, no pre-image":   {rawEvent("delete", nil), grapevine.Resync, "", nil},
		"unknown operation":      {rawEvent("reshard", nil), grapevine.Resync, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := parseEvent(c.raw)
			change, err := decodeForTestAt(e)
			require.NoError(t, err)
			require.Equal(t, c.op, change.Op)
			require.Equal(t, c.source, change.Source)
			require.Equal(t, c.changed, change.Changed)
			require.Equal(t, someID.Hex(), change.ID)
			require.Equal(t, grapevine.NewPosition(7, 3, 0), change.Position)
		})
	}
}

func decodeForTestAt(e Event) (grapevine.Change, error) {
	return ContactDecoder(decodeForTest, alwaysFormed)(e, nextPosition(grapevine.Position{}, e.time))
}

func TestDecodeGivesUp(t *testing.T) {
	raw, err := bson.Marshal(bson.D{{Key: "operationType", Value: "insert"}, {Key: "documentKey", Value: bson.D{{Key: "_id", Value: 5}}}})
	require.NoError(t, err)
	_, err = decodeForTestAt(parseEvent(raw))
	require.ErrorContains(t, err, "not an ObjectID")
	change, err := decodeForTestAt(parseEvent(rawEvent("insert", nil)))
	require.NoError(t, err)
	require.Equal(t, grapevine.Resync, change.Op)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(rawEvent("insert", bson.D{{Key: "fullDocument", Value: doc("w", "a")}})))
	f.Add([]byte(rawEvent("update", bson.D{descriptionOf(bson.D{{Key: "a.b", Value: 1}})})))
	f.Fuzz(func(t *testing.T, data []byte) {
		raw := bson.Raw(data)
		if raw.Validate() != nil {
			return // the driver returns no such document
		}
		change, err := decodeForTestAt(parseEvent(raw))
		if err == nil && change.Op == grapevine.Created && change.After == nil {
			t.Fatal("a Created without its contact")
		}
	})
}

// The watcher's own writes come back as changes: those of the derived part, and those that move a shorthand into its list.
func TestDecodeTellsChangesOfTheDerivedPart(t *testing.T) {
	image := func(name, notes string) bson.E {
		return bson.E{Key: name, Value: bson.D{{Key: "_id", Value: someID}, {Key: "workspace", Value: "a"}, {Key: "notes", Value: notes}}}
	}
	for name, c := range map[string]struct {
		updated     bson.D
		removed     bson.A
		changed     []string
		derivedOnly bool
	}{
		"the part":            {bson.D{{Key: "_form", Value: 1}}, nil, []string{}, true},
		"a value in the part": {bson.D{{Key: "_form.w", Value: 1}}, nil, []string{}, true},
		"a shorthand moved":   {bson.D{{Key: "emails", Value: bson.A{}}, {Key: "_form", Value: 1}}, bson.A{"email"}, []string{}, true},
		"with another field":  {bson.D{{Key: "notes", Value: "n"}, {Key: "_form", Value: 1}}, nil, []string{"notes"}, false},
		"a time":              {bson.D{{Key: "updatedAt", Value: 1}}, nil, []string{}, false},
		"a shorthand":         {bson.D{{Key: "email", Value: "a"}}, nil, []string{"emails"}, false},
		"an unknown field":    {bson.D{{Key: "pet", Value: "cat"}, {Key: "_form", Value: 1}}, nil, []string{"pet"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			change, err := decodeForTestAt(parseEvent(rawEvent("update", bson.D{
				image("fullDocumentBeforeChange", "n"), image("fullDocument", "n"),
				{Key: "updateDescription", Value: bson.D{{Key: "updatedFields", Value: c.updated}, {Key: "removedFields", Value: c.removed}}},
			})))
			require.NoError(t, err)
			require.Equal(t, c.changed, change.Changed)
			require.Equal(t, c.derivedOnly, change.DerivedOnly)
		})
	}
}
