package watcher

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

var someID = bson.NewObjectID()

// rawEvent builds an event of contacts; extra fields come last.
func rawEvent(op string, extra bson.D) bson.Raw {
	raw, err := bson.Marshal(append(bson.D{
		{Key: "_id", Value: bson.D{{Key: "_data", Value: "82"}}},
		{Key: "operationType", Value: op},
		{Key: "clusterTime", Value: bson.Timestamp{T: 7, I: 3}},
		{Key: "ns", Value: bson.D{{Key: "db", Value: "d"}, {Key: "coll", Value: contacts}}},
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
		"insert through the API": {rawEvent("insert", bson.D{after(doc("w", "a"))}), grapevine.Created, grapevine.API, nil},
		"direct insert":          {rawEvent("insert", bson.D{after(doc("", "a"))}), grapevine.Created, grapevine.Direct, nil},
		"update through the API": {rawEvent("update", bson.D{before(doc("w", "a")), after(doc("w2", "a")), descriptionOf(touched)}), grapevine.Updated, grapevine.API, []string{"addresses", "notes", "phone", "tags"}},
		"direct update":          {rawEvent("update", bson.D{before(doc("w", "a")), after(doc("w", "a")), descriptionOf(bson.D{{Key: "x.y", Value: 1}})}), grapevine.Updated, grapevine.Direct, []string{"addresses", "phone", "tags", "x"}},
		"no pre-image, API":      {rawEvent("update", bson.D{after(doc("w2", "a")), descriptionOf(touched)}), grapevine.Updated, grapevine.API, []string{"addresses", "notes", "phone", "tags"}},
		"no pre-image, direct":   {rawEvent("update", bson.D{after(doc("w2", "a")), descriptionOf(bson.D{{Key: "notes", Value: ""}})}), grapevine.Updated, grapevine.Direct, []string{"addresses", "notes", "phone", "tags"}},
		"no pre-image, moved":    {rawEvent("update", bson.D{after(doc("w2", "a")), descriptionOf(bson.D{{Key: "owner", Value: ""}})}), grapevine.Resync, "", nil},
		"no images":              {rawEvent("update", bson.D{descriptionOf(bson.D{{Key: "notes", Value: ""}})}), grapevine.Resync, "", nil},
		"replace":                {rawEvent("replace", bson.D{before(doc("w", "a")), after(doc("w", "b"))}), grapevine.Updated, grapevine.Direct, []string{"workspace"}},
		"replace, no pre-image":  {rawEvent("replace", bson.D{after(doc("w", "b"))}), grapevine.Resync, "", nil},
		"delete":                 {rawEvent("delete", bson.D{before(doc("w", "b"))}), grapevine.Deleted, "", nil},
		"delete, no pre-image":   {rawEvent("delete", nil), grapevine.Resync, "", nil},
		"unknown operation":      {rawEvent("reshard", nil), grapevine.Resync, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := parse(c.raw)
			change, err := e.decode(number(grapevine.Position{}, e.time), decodeForTest)
			require.NoError(t, err)
			require.Equal(t, c.op, change.Op)
			require.Equal(t, c.source, change.Source)
			require.Equal(t, c.changed, change.Changed)
			require.Equal(t, someID.Hex(), change.ID)
			require.Equal(t, grapevine.At(7, 3, 0), change.Position)
		})
	}
}

func TestDecodeGivesUp(t *testing.T) {
	raw, err := bson.Marshal(bson.D{{Key: "operationType", Value: "insert"}, {Key: "documentKey", Value: bson.D{{Key: "_id", Value: 5}}}})
	require.NoError(t, err)
	_, err = parse(raw).decode(grapevine.Position{}, decodeForTest)
	require.ErrorContains(t, err, "not an ObjectID")
	change, err := parse(rawEvent("insert", nil)).decode(grapevine.Position{}, decodeForTest)
	require.NoError(t, err)
	require.Equal(t, grapevine.Resync, change.Op)
}

func TestNumberCountsWithinATime(t *testing.T) {
	var last grapevine.Position
	var got []string
	for _, ts := range []bson.Timestamp{{T: 1, I: 1}, {T: 1, I: 2}, {T: 1, I: 2}, {T: 1, I: 2}, {T: 2, I: 1}} {
		last = number(last, ts)
		got = append(got, last.String())
	}
	require.Equal(t, []string{"4294967297-0", "4294967298-0", "4294967298-1", "4294967298-2", "8589934593-0"}, got)
}

func TestErrorsOfTheStream(t *testing.T) {
	for code, want := range map[int32][3]bool{ // lost, refused, too large
		286: {true, true, false}, 136: {true, true, false}, 280: {true, true, false}, 260: {true, true, false},
		10334: {false, true, true}, 13: {false, false, false}, 40573: {false, false, false}, 50811: {false, true, false},
	} {
		err := mongo.CommandError{Code: code}
		require.Equal(t, want, [3]bool{historyLost(err), refused(err), tooLarge(err)}, code)
	}
	require.False(t, refused(mongo.CommandError{Code: 91, Labels: []string{"ResumableChangeStreamError"}}))
	require.False(t, refused(errors.New("connection refused")))
}

func TestWindowRatio(t *testing.T) {
	require.InDelta(t, 1, windowRatio(10, 20, 20), 0)
	require.InDelta(t, 0.5, windowRatio(10, 20, 15), 0)
	require.InDelta(t, 0, windowRatio(10, 20, 5), 0)
	require.InDelta(t, 1, windowRatio(10, 10, 10), 0)
	require.InDelta(t, 1, windowRatio(10, 11, 10), 0, "a heartbeat behind, in an oplog that is a second old")
}

func TestBackoffGrowsToItsCap(t *testing.T) {
	var b backoff
	for i := range 40 {
		d := b.next()
		require.LessOrEqual(t, d, backoffMost)
		require.GreaterOrEqual(t, d, min(backoffMost, backoffFirst<<min(i, 10))/2)
	}
	b.reset()
	require.LessOrEqual(t, b.next(), backoffFirst)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(rawEvent("insert", bson.D{{Key: "fullDocument", Value: doc("w", "a")}})))
	f.Add([]byte(rawEvent("update", bson.D{descriptionOf(bson.D{{Key: "a.b", Value: 1}})})))
	f.Fuzz(func(t *testing.T, data []byte) {
		raw := bson.Raw(data)
		if raw.Validate() != nil {
			return // the driver hands over no such document
		}
		e := parse(raw)
		change, err := e.decode(number(grapevine.Position{}, e.time), decodeForTest)
		if err == nil && change.Op == grapevine.Created && change.After == nil {
			t.Fatal("a creation without its contact")
		}
	})
}

func FuzzTokenTime(f *testing.F) {
	f.Add(futureToken)
	f.Fuzz(func(t *testing.T, data string) {
		if at, err := tokenTime(data); err == nil && at.N != 0 {
			t.Fatal("a token has no n")
		}
	})
}
