package api_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestIfMatch(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	path, tag := made.header.Get("Location"), made.header.Get("ETag")

	for _, match := range []string{`"other"`, `W/"other"`, `"a", "b"`, strings.TrimSuffix(tag, `"`) + `x"`} {
		for method, body := range map[string]string{"PUT": ada, "PATCH": `{"notes":"x"}`, "DELETE": ""} {
			a := h.do(method, path, header{"If-Match": match}, body)
			require.Equal(t, 412, a.status, "%s %s", method, match)
			require.Equal(t, "precondition-failed", a.json(t)["code"])
		}
	}
	for _, match := range []string{"x", `"open`, `*, "a"`, ","} {
		require.Equal(t, 400, h.do("PATCH", path, header{"If-Match": match}, `{"notes":"x"}`).status, match)
	}
	require.Equal(t, 400, h.do("PUT", path, header{"If-None-Match": "*"}, ada).status)

	changed := h.do("PATCH", path, header{"If-Match": `"other", ` + tag}, `{"notes":"x"}`)
	require.Equal(t, 200, changed.status, changed.body)
	require.Equal(t, 412, h.do("PATCH", path, header{"If-Match": tag}, `{"notes":"y"}`).status)
	require.Equal(t, 200, h.do("PATCH", path, header{"If-Match": "*"}, `{"notes":"y"}`).status)
}

// A proxy that compresses answers makes their entity tags weak or adds the name of the coding. The client's write is
// still conditional on the version that it read.
func TestIfMatchOfATagThatAProxyChanged(t *testing.T) {
	h := newHarness(t)
	for _, change := range []func(tag string) string{
		func(tag string) string { return "W/" + tag },
		suffixed("-gzip"), suffixed("--gzip"), suffixed(";br"), suffixed("-br"), suffixed("-zstd"), suffixed("-df"),
	} {
		made := h.create(ada)
		path, created := made.header.Get("Location"), change(made.header.Get("ETag"))
		patched := h.do("PATCH", path, header{"If-Match": created}, `{"notes":"x"}`)
		require.Equal(t, 200, patched.status, "%s: %s", created, patched.body)
		require.Equal(t, 412, h.do("PATCH", path, header{"If-Match": created}, `{"notes":"y"}`).status, created)
		replaced := h.do("PUT", path, header{"If-Match": change(patched.header.Get("ETag"))}, ada)
		require.Equal(t, 200, replaced.status, replaced.body)
		atLeast, read := replaced.header.Get("Position"), change(replaced.header.Get("ETag"))
		require.Equal(t, 304, h.get(path, header{"If-None-Match": read, "Min-Position": atLeast}).status, read)
		require.Equal(t, 204, h.do("DELETE", path, header{"If-Match": read}, "").status, read)
	}
}

func suffixed(suffix string) func(string) string {
	return func(tag string) string { return strings.TrimSuffix(tag, `"`) + suffix + `"` }
}

// A version number kept by the API would miss a direct edit.
func TestIfMatchSeesADirectEdit(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	oid, err := bson.ObjectIDFromHex(made.json(t)["id"].(string))
	require.NoError(t, err)
	_, err = h.db.Collection(grapevine.CollectionContacts).UpdateByID(t.Context(), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "by hand"}}}})
	require.NoError(t, err)
	require.Equal(t, 412, h.do("DELETE", made.header.Get("Location"), header{"If-Match": made.header.Get("ETag")}, "").status)
}

func TestNoEditIsLost(t *testing.T) {
	h := newHarness(t)
	made := h.create(`{"firstName":"Ada","notes":"0"}`)
	path := made.header.Get("Location")
	const editors, edits = 4, 10
	var wait sync.WaitGroup
	for range editors {
		wait.Go(func() {
			position := made.header.Get("Position")
			for done := 0; done < edits; {
				now := h.get(path, header{"Min-Position": position})
				var n int
				_, _ = fmt.Sscan(now.json(t)["notes"].(string), &n)
				a := h.do("PATCH", path, header{"If-Match": now.header.Get("ETag")}, fmt.Sprintf(`{"notes":"%d"}`, n+1))
				if a.status == 200 {
					done++
					position = a.header.Get("Position")
				} else if a.status != 412 {
					t.Errorf("status %d: %s", a.status, a.body)
					return
				} else {
					// Another editor was first. Its write is not newer than this Ping.
					p, err := h.store.Ping(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					position = p.String()
				}
			}
		})
	}
	wait.Wait()
	p, err := h.store.Ping(t.Context())
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(editors*edits), h.get(path, header{"Min-Position": p.String()}).json(t)["notes"])
}

func TestIfNoneMatch(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	path, tag, atLeast := made.header.Get("Location"), made.header.Get("ETag"), made.header.Get("Position")
	for _, match := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		for _, method := range []string{"GET", "HEAD"} {
			a := h.do(method, path, header{"If-None-Match": match, "Min-Position": atLeast}, "")
			require.Equal(t, 304, a.status, match)
			require.Empty(t, a.body)
			require.Equal(t, tag, a.header.Get("ETag"))
			require.NotEmpty(t, a.header.Get("Position"))
			require.NotEmpty(t, a.header.Get("Cache-Status"))
			require.Equal(t, "Workspace, Accept-Encoding", a.header.Get("Vary"))
			require.Equal(t, "private, no-cache", a.header.Get("Cache-Control"))
		}
	}
	require.Equal(t, 200, h.get(path, header{"If-None-Match": `"other"`}).status)
	require.Equal(t, 400, h.get(path, header{"If-None-Match": `other`}).status)
	require.Equal(t, 404, h.get("/contacts/000000000000000000000000", header{"If-None-Match": "*"}).status)

	list := h.get("/contacts", header{"Min-Position": atLeast})
	require.Equal(t, 304, h.get("/contacts", header{"If-None-Match": list.header.Get("ETag"), "Min-Position": atLeast}).status)
}
