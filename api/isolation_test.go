package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest/accounts"
)

// An editor of A who is viewer of B changes nothing in B, wherever B is named. (Case 7.)
func TestWorkspaceThatIsWrittenCounts(t *testing.T) {
	h := newSignInHarness(t)
	user := h.User("a:editor", "b:viewer")
	manager := h.cookie(h.Session(h.User("a:editor", "b:editor")))
	for name, me := range map[string]header{"session": h.cookie(h.Session(user)), "token": bearer(h.Token(user, "a", "editor"))} {
		in := func(workspace string) header { return me.with("Workspace", workspace) }
		mine := h.do("POST", "/contacts", in("a"), ada).json(t)["id"].(string)
		theirs := h.do("POST", "/contacts", manager.with("Workspace", "b"), ada).json(t)["id"].(string)
		for _, a := range []*answer{
			h.do("POST", "/contacts", in("a"), `{"firstName":"Eve","workspace":"b"}`),
			h.do("POST", "/contacts", in("b"), `{"firstName":"Eve"}`),
			h.do("PUT", "/contacts/"+mine, in("a"), `{"firstName":"Eve","workspace":"b"}`),
			h.do("PATCH", "/contacts/"+mine, in("a"), `{"workspace":"b"}`),
			h.do("PATCH", "/contacts/"+mine, in("a"), `{"workspace":"nowhere"}`),
			h.do("PATCH", "/contacts/"+theirs, in("b"), `{"notes":"x"}`),
			h.do("PATCH", "/contacts/"+theirs, in("b"), `{"workspace":"a"}`),
			h.do("DELETE", "/contacts/"+theirs, in("b"), ""),
			h.do("POST", "/contacts/import", in("b").with("Content-Type", "text/csv"), "First Name\nEve\n"),
		} {
			require.Equal(t, 403, a.status, "%s: %s", name, a.body)
			require.Contains(t, a.json(t)["detail"], "role", name)
		}
		for _, a := range []*answer{
			h.do("PATCH", "/contacts/"+theirs, in("a"), `{"notes":"x"}`), h.do("PUT", "/contacts/"+theirs, in("a"), ada),
			h.do("DELETE", "/contacts/"+theirs, in("a"), ""), h.get("/contacts/"+theirs, in("a")),
		} {
			require.Equal(t, 404, a.status, "%s: %s", name, a.body)
		}
		require.Equal(t, "a", h.get("/contacts/"+mine, in("a")).json(t)["workspace"])
		require.Equal(t, 201, h.do("POST", "/contacts", me, `{"firstName":"Bob","workspace":"a"}`).status, "the body names the workspace")
	}
	moved := h.do("POST", "/contacts", manager.with("Workspace", "a"), ada).json(t)["id"].(string)
	require.Equal(t, 200, h.do("PATCH", "/contacts/"+moved, manager.with("Workspace", "a"), `{"workspace":"b"}`).status, "an editor of both moves it")
}

// What is missing is named.
func TestTooLittleIsNamed(t *testing.T) {
	h := newSignInHarness(t)
	user := h.cookie(h.Session(h.User("sales:viewer"))).with("Workspace", "sales")
	require.Equal(t, "This needs the role editor in the workspace sales; you are viewer.", h.do("POST", "/contacts", user, ada).json(t)["detail"])
	require.Equal(t, "This needs the role viewer in the workspace default, and you have none there.", h.get("/contacts", user.with("Workspace", "default")).json(t)["detail"])
}

// Nothing of another workspace comes out, however it is asked for.
func TestNothingOfAnotherWorkspaceIsShown(t *testing.T) {
	h := newSignInHarness(t)
	manager := h.cookie(h.Session(h.User("b:admin"))).with("Workspace", "b")
	made := h.do("POST", "/contacts", manager, `{"firstName":"Secretive","company":"Hidden","tags":["covert"]}`)
	id, tag := made.json(t)["id"].(string), made.header.Get("ETag")
	imported := h.do("POST", "/contacts/import", manager.with("Content-Type", "text/csv"), "First Name\nSecretive\n")
	h.get("/contacts/"+id, manager) // the cache has it
	h.get("/contacts", manager)
	user := h.User("a:admin")
	asked := 0
	for _, me := range []header{h.cookie(h.Session(user)), bearer(h.Token(user, "a", "admin"))} {
		for _, path := range []string{
			"/contacts/" + id, "/contacts", "/contacts?q=secretive", "/contacts?tag=covert", "/contacts?company=Hidden", "/contacts/search?q=secretive",
			"/contacts/export?format=csv", "/contacts/export?format=ndjson", "/contacts/stats/companies", "/contacts/stats/tags",
			imported.header.Get("Location"),
		} {
			for _, in := range []header{{"Workspace": "b"}, {"Workspace": "a"}, {"Workspace": "b", "If-None-Match": tag}} {
				headers := me
				for name, value := range in {
					headers = headers.with(name, value)
				}
				a := h.get(path, headers)
				asked++
				require.NotContains(t, a.body, "Secretive", path)
				require.NotContains(t, a.body, "Hidden", path)
				require.NotEqual(t, 304, a.status, path)
				if in["Workspace"] == "b" {
					require.Equal(t, 403, a.status, path)
				} else if strings.Contains(path, id) || strings.HasPrefix(path, "/imports") {
					require.Equal(t, 404, a.status, path)
				}
			}
		}
		require.Contains(t, []int{403, 404}, h.get("/workspaces/b/members", me).status)
	}
	require.GreaterOrEqual(t, asked, 60)
}

// A key belongs to whoever uses it, and tells nothing of a contact that has left. (Case 18.)
func TestIdempotencyKeyBelongsToItsUser(t *testing.T) {
	h := newSignInHarness(t)
	one, two := h.User("a:editor", "b:editor"), h.User("a:editor")
	as := func(u accounts.User) header {
		return h.cookie(h.Session(u)).with("Workspace", "a", "Idempotency-Key", "k")
	}
	first, second := h.do("POST", "/contacts", as(one), ada), h.do("POST", "/contacts", as(two), ada)
	require.Equal(t, []int{201, 201}, []int{first.status, second.status})
	require.NotEqual(t, first.json(t)["id"], second.json(t)["id"])
	again := h.do("POST", "/contacts", as(one), ada)
	require.Equal(t, 200, again.status)
	require.Equal(t, first.json(t)["id"], again.json(t)["id"])

	mover := h.cookie(h.Session(one)).with("Workspace", "a")
	require.Equal(t, 200, h.do("PATCH", first.header.Get("Location"), mover, `{"workspace":"b"}`).status)
	gone := h.do("POST", "/contacts", as(one), ada)
	require.Equal(t, 409, gone.status, gone.body)
	require.NotContains(t, gone.body, "Ada")
	require.Empty(t, gone.header.Get("Location"))
}

// A right that MongoDB takes away is gone within a second, without a new sign-in. (Case 2.)
func TestRightEndsAtOnce(t *testing.T) {
	h := newSignInHarness(t)
	user := h.User("default:editor")
	me := bearer(h.Token(user, "default", "editor"))
	require.Equal(t, 201, h.do("POST", "/contacts", me, ada).status)
	h.SetRole(user, "default", "viewer")
	h.eventually("he may not write", func() bool { return h.do("POST", "/contacts", me, ada).status == 403 })
	require.Equal(t, 200, h.get("/contacts", me).status)
	h.SetRole(user, "default", "editor")
	h.eventually("he may write", func() bool { return h.do("POST", "/contacts", me, ada).status == 201 })
	h.Set(user, map[string]any{"disabled": true})
	h.eventually("he is out", func() bool { return h.get("/contacts", me).status == 401 })
}

// An export of a user who signs out goes on; the same person's rights are what counts.
func TestExportNeedsTheRight(t *testing.T) {
	h := newSignInHarness(t)
	user := h.User("default:editor")
	session := h.Session(user)
	for n := range 3 {
		body, err := json.Marshal(map[string]string{"firstName": fmt.Sprintf("Ada %d", n)})
		require.NoError(t, err)
		require.Equal(t, 201, h.do("POST", "/contacts", h.cookie(session), string(body)).status)
	}
	a := h.get("/contacts/export?format=ndjson", h.cookie(session))
	require.Equal(t, 200, a.status, a.body)
	require.Equal(t, 3, strings.Count(a.body, "firstName"))
}
