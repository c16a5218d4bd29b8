package api_test

import (
	"context"
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

func TestCacheStatus(t *testing.T) {
	w := newWorld(t)
	made := w.create(ada)
	path, fresh := made.header.Get("Location"), as{"Min-Position": made.header.Get("Position")}
	for _, read := range []string{path, "/contacts", "/contacts/search?q=ada", "/contacts/stats/tags", "/contacts/000000000000000000000000"} {
		require.Equal(t, stored, w.get(read, fresh).header.Get("Cache-Status"), read)
		require.Equal(t, hit, w.get(read, fresh).header.Get("Cache-Status"), read)
	}
	require.Equal(t, hit, w.get("/contacts?sort=name&limit=50", fresh).header.Get("Cache-Status"), "the same query, said otherwise")
	require.Equal(t, stored, w.get("/contacts?limit=51", fresh).header.Get("Cache-Status"))

	changed := w.do("PATCH", path, nil, `{"notes":"new"}`)
	a := w.get(path, as{"Min-Position": changed.header.Get("Position")})
	require.Equal(t, stored, a.header.Get("Cache-Status"))
	require.Equal(t, "new", a.json(t)["notes"])
}

// A direct edit in MongoDB changes the cached read too.
func TestDirectEditIsSeen(t *testing.T) {
	w := newWorld(t)
	made := w.create(ada)
	path := made.header.Get("Location")
	w.get(path, as{"Min-Position": made.header.Get("Position")})
	oid, err := bson.ObjectIDFromHex(made.json(t)["id"].(string))
	require.NoError(t, err)
	_, err = w.db.Collection(grapevine.CollectionContacts).UpdateByID(t.Context(), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "by hand"}}}})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return w.get(path, nil).json(t)["notes"] == "by hand" }, 10*time.Second, time.Millisecond)
}

// With the watermark behind a write, its writer still reads it, from MongoDB, and everybody else what
// the cache has, within the bound.
func TestReadYourWritesBehindTheWatermark(t *testing.T) {
	w := newWorld(t)
	made := w.create(ada)
	path := made.header.Get("Location")
	w.get(path, as{"Min-Position": made.header.Get("Position")})
	w.mark.hold()
	at := w.mark.Watermark()
	changed := w.do("PATCH", path, nil, `{"notes":"new"}`)
	own := as{"Min-Position": changed.header.Get("Position")}

	start := time.Now()
	a := w.get(path, own)
	require.Equal(t, bypass, a.header.Get("Cache-Status"))
	require.Equal(t, "new", a.json(t)["notes"])
	require.Equal(t, changed.header.Get("Position"), a.header.Get("Position"))
	require.GreaterOrEqual(t, time.Since(start), 140*time.Millisecond, "it first waited for the watermark")

	list := w.get("/contacts", own)
	require.Equal(t, bypass, list.header.Get("Cache-Status"))
	require.Contains(t, list.body, `"new"`)
	require.Equal(t, at.String(), w.get(path, nil).header.Get("Position"))

	w.mark.release()
	a = w.get(path, own)
	require.NotEmpty(t, a.header.Get("Position"))
	require.Equal(t, "new", a.json(t)["notes"])
}

// A position of the future is neither waited for nor given back.
func TestFutureMinPosition(t *testing.T) {
	w := newWorld(t)
	made := w.create(ada)
	for _, future := range []string{
		"18446744073709551615-18446744073709551615", "18446744073709551615-0",
		grapevine.At(uint32(time.Now().Add(time.Hour).Unix()), 1, 0).String(),
	} {
		for _, path := range []string{made.header.Get("Location"), "/contacts", "/contacts/stats/months", "/contacts/export?format=csv"} {
			a := w.get(path, as{"Min-Position": future})
			require.Equal(t, 200, a.status, a.body)
			p, err := grapevine.ParsePosition(a.header.Get("Position"))
			require.NoError(t, err)
			now, _ := w.clock.Now()
			require.False(t, p.Wall().After(now.Add(time.Second)), "%s came back", p)
			require.NotContains(t, path, a.header.Get("Position"))
		}
	}
	// The end of its own time, as an import answers, is not the future.
	p, err := grapevine.ParsePosition(made.header.Get("Position"))
	require.NoError(t, err)
	require.Equal(t, 200, w.get(made.header.Get("Location"), as{"Min-Position": p.End().String()}).status)
}

// unknown is an instance that has not heard of any event yet.
type unknown struct{}

func (unknown) Watermark() grapevine.Position { return grapevine.Position{} }

func (unknown) WaitFor(ctx context.Context, _ grapevine.Position) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestBeforeTheFirstWatermark(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Watermark = unknown{} })
	made := w.create(ada)
	written, err := grapevine.ParsePosition(made.header.Get("Position"))
	require.NoError(t, err)
	for _, headers := range []as{nil, {"Min-Position": made.header.Get("Position")}, {"Min-Position": "1-0"}, {"Min-Position": "99999999999999999-0"}} {
		a := w.get(made.header.Get("Location"), headers)
		require.Equal(t, 200, a.status)
		require.Equal(t, bypass, a.header.Get("Cache-Status"))
		p, err := grapevine.ParsePosition(a.header.Get("Position"))
		require.NoError(t, err)
		require.False(t, p.Before(written))
	}
}

// Bounded staleness: a watermark too far behind MongoDB's time is not good enough for the cache.
func TestStaleWatermarkBypasses(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.MaxStaleness = 1500 * time.Millisecond })
	made := w.create(ada)
	path := made.header.Get("Location")
	w.get(path, as{"Min-Position": made.header.Get("Position")})
	w.mark.hold()
	require.Eventually(t, func() bool { return w.get(path, nil).header.Get("Cache-Status") == bypass }, 20*time.Second, 50*time.Millisecond)
	changed := w.do("PATCH", path, nil, `{"notes":"new"}`)
	require.Equal(t, "new", w.get(path, nil).json(t)["notes"])
	quickest := realtest.Quickest(10, func() {
		require.Equal(t, "new", w.get(path, as{"Min-Position": changed.header.Get("Position")}).json(t)["notes"])
	})
	require.Less(t, quickest, 140*time.Millisecond, "it does not wait for a position that will not come")
	w.mark.release()
	require.Eventually(t, func() bool { return w.get(path, nil).header.Get("Cache-Status") != bypass }, 20*time.Second, 10*time.Millisecond)
}

// Whoever writes and then reads with that position, sees it: whatever the cache holds just then.
func TestReadYourWritesUnderLoad(t *testing.T) {
	w := newWorld(t)
	path := w.create(ada).header.Get("Location")
	for range 150 {
		w.get(path, nil)
		w.get("/contacts", nil)
		changed := w.do("PATCH", path, nil, `{"notes":"`+time.Now().String()+`"}`)
		want := changed.json(t)["notes"]
		own := as{"Min-Position": changed.header.Get("Position")}
		require.Equal(t, want, w.get(path, own).json(t)["notes"])
		require.Contains(t, w.get("/contacts", own).body, want)
	}
}
