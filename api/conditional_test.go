package api_test

import (
	"fmt"
	"strconv"
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

	for _, match := range []string{`"other"`, "W/" + tag, `"a", "b"`} {
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
			require.Equal(t, "Workspace", a.header.Get("Vary"))
			require.Equal(t, "private, no-cache", a.header.Get("Cache-Control"))
		}
	}
	require.Equal(t, 200, h.get(path, header{"If-None-Match": `"other"`}).status)
	require.Equal(t, 400, h.get(path, header{"If-None-Match": `other`}).status)
	require.Equal(t, 404, h.get("/contacts/000000000000000000000000", header{"If-None-Match": "*"}).status)

	list := h.get("/contacts", header{"Min-Position": atLeast})
	require.Equal(t, 304, h.get("/contacts", header{"If-None-Match": list.header.Get("ETag"), "Min-Position": atLeast}).status)
}
