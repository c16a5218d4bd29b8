package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const ada = `{"kind":"person","firstName":"Ada","lastName":"Lovelace","email":"ada@example.com","tags":["math","math"],"addresses":[{"city":"London"}],"notes":" first "}`

func TestCreateReadReplacePatchDelete(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	c := made.json(t)
	path := "/contacts/" + c["id"].(string)
	require.Equal(t, path, made.header.Get("Location"))
	require.Equal(t, "Ada Lovelace", c["fullName"])
	require.Equal(t, "default", c["workspace"])
	require.Equal(t, []any{"math"}, c["tags"])
	require.Equal(t, "first", c["notes"])

	atLeast := header{"Min-Position": made.header.Get("Position")}
	got := h.get(path, atLeast)
	require.Equal(t, 200, got.status)
	require.JSONEq(t, made.body, got.body)
	require.Equal(t, made.header.Get("ETag"), got.header.Get("ETag"))

	head := h.do("HEAD", path, atLeast, "")
	require.Equal(t, 200, head.status)
	require.Equal(t, got.header.Get("ETag"), head.header.Get("ETag"))
	require.Equal(t, got.header.Get("Content-Length"), head.header.Get("Content-Length"))

	// The answer of a GET can be sent back by PUT.
	put := h.do("PUT", path, nil, got.body)
	require.Equal(t, 200, put.status, put.body)
	require.Equal(t, c["createdAt"], put.json(t)["createdAt"])

	put = h.do("PUT", path, nil, `{"firstName":"Ada","lastName":"King"}`)
	require.Equal(t, 200, put.status, put.body)
	require.Equal(t, "Ada King", put.json(t)["fullName"])
	require.NotContains(t, put.json(t), "email", "PUT replaces the whole contact")
	require.Equal(t, []any{}, put.json(t)["tags"])
	require.NotEqual(t, made.header.Get("ETag"), put.header.Get("ETag"))

	patched := h.do("PATCH", path, header{"Content-Type": "application/merge-patch+json"}, `{"lastName":null,"addresses":[{"city":"Paris","street":null}]}`)
	require.Equal(t, 200, patched.status, patched.body)
	require.Equal(t, "Ada", patched.json(t)["fullName"])
	require.Equal(t, []any{map[string]any{"city": "Paris"}}, patched.json(t)["addresses"])

	gone := h.do("DELETE", path, nil, "")
	require.Equal(t, 204, gone.status)
	require.Empty(t, gone.body)
	missing := h.get(path, header{"Min-Position": gone.header.Get("Position")})
	require.Equal(t, 404, missing.status)
	require.NotEmpty(t, missing.header.Get("Position"), "a 404 has a Position, too")
	for _, method := range []string{"DELETE", "PUT", "PATCH"} {
		body := ada
		if method == "DELETE" {
			body = ""
		}
		require.Equal(t, 404, h.do(method, path, nil, body).status, method)
	}
}

func TestWorkspacesAreApart(t *testing.T) {
	h := newHarness(t)
	made := h.do("POST", "/contacts", header{"Workspace": "red"}, ada)
	require.Equal(t, 201, made.status, made.body)
	path := made.header.Get("Location")
	position := made.header.Get("Position")
	for _, method := range []string{"GET", "HEAD", "DELETE"} {
		require.Equal(t, 404, h.do(method, path, header{"Workspace": "blue"}, "").status, method)
	}
	require.Equal(t, 404, h.do("PATCH", path, header{"Workspace": "blue"}, `{"notes":"x"}`).status)
	require.Equal(t, 404, h.do("PUT", path, nil, ada).status)
	require.Equal(t, 200, h.get(path, header{"Workspace": "red", "Min-Position": position}).status)

	moved := h.do("PATCH", path, header{"Workspace": "red"}, `{"workspace":"blue"}`)
	require.Equal(t, 200, moved.status, moved.body)
	atLeast := moved.header.Get("Position")
	require.Equal(t, 404, h.get(path, header{"Workspace": "red", "Min-Position": atLeast}).status)
	require.Equal(t, 200, h.get(path, header{"Workspace": "blue", "Min-Position": atLeast}).status)
	back := h.do("PATCH", path, header{"Workspace": "blue"}, `{"workspace":null}`)
	require.Equal(t, "blue", back.json(t)["workspace"], "null means the workspace of the header")
}

func TestOrganizations(t *testing.T) {
	h := newHarness(t)
	org := h.create(`{"kind":"organization","name":"Analytical Engines"}`).json(t)["id"].(string)
	h.create(`{"firstName":"Ada","organizationId":"` + org + `"}`)

	person := h.create(ada).json(t)["id"].(string)
	for _, id := range []string{person, "000000000000000000000000"} {
		a := h.do("POST", "/contacts", nil, `{"firstName":"Bob","organizationId":"`+id+`"}`)
		require.Equal(t, 422, a.status)
		require.Equal(t, []string{"/organizationId"}, a.pointers(t))
	}
	a := h.do("PUT", "/contacts/"+person, nil, `{"kind":"organization","name":"x"}`)
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/kind"}, a.pointers(t))
}

func TestIdempotencyKey(t *testing.T) {
	h := newHarness(t)
	key := header{"Idempotency-Key": "k 1~"}
	first := h.do("POST", "/contacts", key, ada)
	require.Equal(t, 201, first.status, first.body)
	again := h.do("POST", "/contacts", key, ` {"tags":["math"], "notes":"first","addresses":[{"city":"London"}],"email":"ada@example.com","firstName":"Ada","lastName":"Lovelace"}`)
	require.Equal(t, 200, again.status, "the same contact in another notation: "+again.body)
	require.JSONEq(t, first.body, again.body)
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	other := h.do("POST", "/contacts", key, `{"firstName":"Bob"}`)
	require.Equal(t, 422, other.status)
	require.Equal(t, 201, h.do("POST", "/contacts", header{"Idempotency-Key": "k 2"}, ada).status)
}
