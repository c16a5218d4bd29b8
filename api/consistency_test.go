package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/api"
	"grapevine/internal/realtest"
)

const (
	hit    = "grapevine; hit"
	stored = "grapevine; fwd=miss; stored"
	bypass = "grapevine; fwd=bypass"
)

// longQuery is a filter whose cache entry has a shortened name.
var longQuery = "company=" + strings.Repeat("x", 150)

func TestCacheStatus(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	path, atLeast := made.header.Get("Location"), header{"Min-Position": made.header.Get("Position")}
	for _, read := range []string{path, "/contacts", "/contacts/search?q=ada", "/contacts/stats/tags", "/contacts/000000000000000000000000"} {
		require.Equal(t, stored, h.get(read, atLeast).header.Get("Cache-Status"), read)
		require.Equal(t, hit, h.get(read, atLeast).header.Get("Cache-Status"), read)
	}
	require.Equal(t, hit, h.get("/contacts?sort=name&limit=50", atLeast).header.Get("Cache-Status"), "the same query with its defaults written out")
	require.Equal(t, stored, h.get("/contacts?limit=51", atLeast).header.Get("Cache-Status"))

	changed := h.do("PATCH", path, nil, `{"notes":"new"}`)
	a := h.get(path, header{"Min-Position": changed.header.Get("Position")})
	require.Equal(t, stored, a.header.Get("Cache-Status"))
	require.Equal(t, "new", a.json(t)["notes"])
}

// A direct edit in MongoDB changes the cached read too.
func TestDirectEditIsSeen(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	path := made.header.Get("Location")
	h.get(path, header{"Min-Position": made.header.Get("Position")})
	oid, err := bson.ObjectIDFromHex(made.json(t)["id"].(string))
	require.NoError(t, err)
	_, err = h.db.Collection(grapevine.CollectionContacts).UpdateByID(t.Context(), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "by hand"}}}})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return h.get(path, nil).json(t)["notes"] == "by hand" }, 10*time.Second, time.Millisecond)
}

// During an upgrade, an instance of an earlier version fills the same scopes with answers of another shape. They are not
// served, and a change drops them.
func TestEntriesOfAnotherShapeAreNotServed(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	path, id, atLeast := made.header.Get("Location"), made.json(t)["id"].(string), header{"Min-Position": made.header.Get("Position")}
	h.get(path, atLeast) // the watermark has passed the contact
	earlier := map[string]struct{ scope, field string }{
		path:                        {grapevine.ContactScope(id), "default"},
		"/contacts":                 {grapevine.WorkspaceScope("default"), "list?limit=50&sort=name"},
		"/contacts?sort=-createdAt": {grapevine.WorkspaceScope("default"), "list?limit=50&sort=-createdAt"},
		"/contacts/search?q=ada":    {grapevine.WorkspaceScope("default"), "search?limit=50&q=ada"},
		"/contacts/stats/tags":      {grapevine.WorkspaceScope("default"), "stats/tags"},
		"/contacts/stats/companies": {grapevine.WorkspaceScope("default"), "stats/companies"},
		"/contacts?" + longQuery:    {grapevine.WorkspaceScope("default"), "list?" + longQuery + "&limit=50&sort=name"},
	}
	fill := func() (fills int) {
		for _, e := range earlier {
			_, status, err := h.cache.Fetch(t.Context(), e.scope, e.field, func(context.Context, grapevine.Position) ([]byte, error) {
				return []byte("\"earlier\"\n{\"earlier\":true}"), nil
			})
			require.NoError(t, err)
			if status == grapevine.CacheStored {
				fills++
			}
		}
		return fills
	}
	require.Equal(t, len(earlier), fill())
	require.Zero(t, fill(), "they are in the cache")
	for path := range earlier {
		require.NotContains(t, h.get(path, atLeast).json(t), "earlier", path)
	}
	changed := h.do("PATCH", path, nil, `{"notes":"new"}`)
	h.get(path, header{"Min-Position": changed.header.Get("Position")})
	require.Equal(t, len(earlier), fill(), "the change has dropped them")
}

// If the watermark is behind a write, the writer still reads it, from MongoDB. Others read from the
// cache, within MaxStaleness.
func TestReadYourWritesBehindTheWatermark(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	path := made.header.Get("Location")
	h.get(path, header{"Min-Position": made.header.Get("Position")})
	h.watermark.hold()
	at := h.watermark.Watermark()
	changed := h.do("PATCH", path, nil, `{"notes":"new"}`)
	own := header{"Min-Position": changed.header.Get("Position")}

	start := time.Now()
	a := h.get(path, own)
	require.Equal(t, bypass, a.header.Get("Cache-Status"))
	require.Equal(t, "new", a.json(t)["notes"])
	require.Equal(t, changed.header.Get("Position"), a.header.Get("Position"))
	require.GreaterOrEqual(t, time.Since(start), 140*time.Millisecond, "the read first waits for the watermark")

	list := h.get("/contacts", own)
	require.Equal(t, bypass, list.header.Get("Cache-Status"))
	require.Contains(t, list.body, `"new"`)
	require.Equal(t, at.String(), h.get(path, nil).header.Get("Position"))

	h.watermark.release()
	a = h.get(path, own)
	require.NotEmpty(t, a.header.Get("Position"))
	require.Equal(t, "new", a.json(t)["notes"])
}

// A position from the future is neither waited for nor returned.
func TestFutureMinPosition(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	for _, future := range []string{
		"18446744073709551615-18446744073709551615", "18446744073709551615-0",
		grapevine.NewPosition(uint32(time.Now().Add(time.Hour).Unix()), 1, 0).String(),
	} {
		for _, path := range []string{made.header.Get("Location"), "/contacts", "/contacts/stats/months", "/contacts/export?format=csv"} {
			a := h.get(path, header{"Min-Position": future})
			require.Equal(t, 200, a.status, a.body)
			p, err := grapevine.ParsePosition(a.header.Get("Position"))
			require.NoError(t, err)
			now, _ := h.clock.Now()
			require.False(t, p.Wall().After(now.Add(time.Second)), "the answer has the position %s from the future", p)
			require.NotContains(t, path, a.header.Get("Position"))
		}
	}
	// An import answers with the end of its time. That is not the future.
	p, err := grapevine.ParsePosition(made.header.Get("Position"))
	require.NoError(t, err)
	require.Equal(t, 200, h.get(made.header.Get("Location"), header{"Min-Position": p.End().String()}).status)
}

// noWatermark is the watermark of an instance that has not received an event yet.
type noWatermark struct{}

func (noWatermark) Watermark() grapevine.Position { return grapevine.Position{} }

func (noWatermark) WaitFor(ctx context.Context, _ grapevine.Position) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestBeforeTheFirstWatermark(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Watermark = noWatermark{} })
	made := h.create(ada)
	written, err := grapevine.ParsePosition(made.header.Get("Position"))
	require.NoError(t, err)
	for _, headers := range []header{nil, {"Min-Position": made.header.Get("Position")}, {"Min-Position": "1-0"}, {"Min-Position": "99999999999999999-0"}} {
		a := h.get(made.header.Get("Location"), headers)
		require.Equal(t, 200, a.status)
		require.Equal(t, bypass, a.header.Get("Cache-Status"))
		p, err := grapevine.ParsePosition(a.header.Get("Position"))
		require.NoError(t, err)
		require.False(t, p.Before(written))
	}
}

// Bounded staleness: reads bypass the cache if the watermark is too far behind MongoDB's time.
func TestStaleWatermarkBypasses(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.MaxStaleness = 1500 * time.Millisecond })
	made := h.create(ada)
	path := made.header.Get("Location")
	h.get(path, header{"Min-Position": made.header.Get("Position")})
	h.watermark.hold()
	require.Eventually(t, func() bool { return h.get(path, nil).header.Get("Cache-Status") == bypass }, 20*time.Second, 50*time.Millisecond)
	changed := h.do("PATCH", path, nil, `{"notes":"new"}`)
	require.Equal(t, "new", h.get(path, nil).json(t)["notes"])
	quickest := realtest.Quickest(10, func() {
		require.Equal(t, "new", h.get(path, header{"Min-Position": changed.header.Get("Position")}).json(t)["notes"])
	})
	require.Less(t, quickest, 140*time.Millisecond, "it does not wait for a position that will not come")
	h.watermark.release()
	require.Eventually(t, func() bool { return h.get(path, nil).header.Get("Cache-Status") != bypass }, 20*time.Second, 10*time.Millisecond)
}

// A client that reads with the position of its write sees the write, whatever the cache holds.
func TestReadYourWritesUnderLoad(t *testing.T) {
	h := newHarness(t)
	path := h.create(ada).header.Get("Location")
	for range 150 {
		h.get(path, nil)
		h.get("/contacts", nil)
		changed := h.do("PATCH", path, nil, `{"notes":"`+time.Now().String()+`"}`)
		want := changed.json(t)["notes"]
		own := header{"Min-Position": changed.header.Get("Position")}
		require.Equal(t, want, h.get(path, own).json(t)["notes"])
		require.Contains(t, h.get("/contacts", own).body, want)
	}
}
