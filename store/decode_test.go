package store_test

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/store"
)

func marshal(t testing.TB, d bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(d)
	require.NoError(t, err)
	return raw
}

var someID, _ = bson.ObjectIDFromHex("507f1f77bcf86cd799439011")

func full() bson.D {
	return bson.D{
		{Key: "_id", Value: someID},
		{Key: "workspace", Value: "acme"},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: "Ada"},
		{Key: "lastName", Value: "Lovelace"},
		{Key: "organizationId", Value: someID},
		{Key: "addresses", Value: bson.A{7, bson.D{{Key: "label", Value: "home"}, {Key: "city", Value: 3}, {Key: "country", Value: "GB"}}, "x"}},
		{Key: "tags", Value: bson.A{"a", 1, nil, "b"}},
		{Key: "createdAt", Value: time.UnixMilli(1_700_000_000_123)},
		{Key: "unknown", Value: bson.D{{Key: "deep", Value: bson.A{1}}}},
	}
}

func TestDecode(t *testing.T) {
	c, err := store.Decode(marshal(t, full()))
	require.NoError(t, err)
	created := grapevine.Time{Time: time.UnixMilli(1_700_000_000_123).UTC()}
	require.Equal(t, grapevine.Contact{
		ID: someID.Hex(), Workspace: "acme", Kind: grapevine.Person, FirstName: "Ada", LastName: "Lovelace", FullName: "Ada Lovelace",
		OrganizationID: someID.Hex(), Addresses: []grapevine.Address{{Label: "home", Country: "GB"}}, Tags: []string{"a", "b"},
		Emails: []grapevine.Entry{}, Phones: []grapevine.Entry{}, URLs: []grapevine.Entry{}, Dates: []grapevine.Entry{},
		Related: []grapevine.Entry{}, Custom: []grapevine.Entry{}, UID: someID.Hex(), CreatedAt: created, UpdatedAt: created, ETag: c.ETag,
	}, c)
	require.Regexp(t, `^"[0-9a-f]{32}"$`, c.ETag)
}

// A field of the wrong type does not affect the others, and the contact can be written as JSON.
func TestDecodeLeavesOutFieldsOfTheWrongType(t *testing.T) {
	for _, wrong := range []any{
		7, 1.5, true, nil,
		bson.D{{Key: "a", Value: 1}},
		bson.A{bson.A{}},
		bson.MinKey{},
		bson.MaxKey{},
		bson.Regex{Pattern: "x"},
		bson.DateTime(1 << 60), bson.DateTime(-1 << 60),
		bson.Binary{Data: []byte("x")},
		bson.Timestamp{T: 1},
		bson.NewDecimal128(1, 1),
		bson.Undefined{},
	} {
		d := bson.D{{Key: "_id", Value: someID}}
		for _, field := range []string{
			"workspace", "kind", "prefix", "firstName", "middleName", "lastName", "suffix", "nickname", "name", "email", "phone",
			"emails", "phones", "urls", "dates", "related", "custom", "company", "department", "title", "birthday", "uid",
			"organizationId", "addresses", "tags", "notes", "owner", "createdAt", "updatedAt", "_meta", "_form",
		} {
			d = append(d, bson.E{Key: field, Value: wrong})
		}
		c, err := store.Decode(marshal(t, d))
		require.NoError(t, err, "%T", wrong)
		require.Equal(t, grapevine.Contact{
			ID: someID.Hex(), Emails: []grapevine.Entry{}, Phones: []grapevine.Entry{}, URLs: []grapevine.Entry{},
			Addresses: []grapevine.Address{}, Dates: []grapevine.Entry{}, Related: []grapevine.Entry{}, Custom: []grapevine.Entry{}, Tags: []string{},
			UID: someID.Hex(), CreatedAt: grapevine.Time{Time: someID.Timestamp().UTC()}, UpdatedAt: grapevine.Time{Time: someID.Timestamp().UTC()}, ETag: c.ETag,
		}, c, "%T", wrong)
		_, err = json.Marshal(c)
		require.NoError(t, err)
	}
}

func TestDecodeFailsWithoutAnObjectIDOrValidBSON(t *testing.T) {
	good := marshal(t, full())
	cut := append(bson.Raw(nil), good[:len(good)-9]...)
	long := append(append(bson.Raw(nil), good...), 0)
	for name, raw := range map[string]bson.Raw{
		"no _id": marshal(t, full()[1:]), "text _id": marshal(t, bson.D{{Key: "_id", Value: someID.Hex()}}),
		"empty": nil, "truncated": cut, "too long": long, "a length of 4": {4, 0, 0, 0}, "no terminator": {5, 0, 0, 0, 1},
	} {
		_, err := store.Decode(raw)
		require.Error(t, err, name)
	}
}

func TestETagDiffersForEveryDifference(t *testing.T) {
	tags := map[string]bool{}
	for _, d := range []bson.D{
		full(),
		append(full(), bson.E{Key: "_meta", Value: bson.D{{Key: "write", Value: 1}}}),
		append(full(), bson.E{Key: "_form", Value: bson.D{{Key: "f", Value: 1}}}),
		append(full(), bson.E{Key: "unknown2", Value: 1}),
		full()[:9],
	} {
		c, err := store.Decode(marshal(t, d))
		require.NoError(t, err)
		tags[c.ETag] = true
	}
	require.Len(t, tags, 3, "what Grapevine keeps for itself is no difference")
}

func FuzzDecode(f *testing.F) {
	whole, _ := bson.Marshal(full())
	f.Add(whole)
	f.Add([]byte{5, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		raw = slices.Clone(raw)
		if len(raw) > 4 { // otherwise almost every input fails at the length
			binary.LittleEndian.PutUint32(raw, uint32(len(raw)))
		}
		c, err := store.Decode(raw)
		if err != nil {
			return
		}
		require.True(t, grapevine.ValidID(c.ID))
		_, err = json.Marshal(c)
		require.NoError(t, err)
	})
}

func BenchmarkDecode(b *testing.B) {
	raw := marshal(b, append(full(), bson.E{Key: "notes", Value: "Prefers a call in the morning."}, bson.E{Key: "email", Value: "ada@example.com"}))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := store.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}
