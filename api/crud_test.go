package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const ada = `{"kind":"person","firstName":"Ada","lastName":"Lovelace","email":"ada@example.com","tags":["math","math"],"addresses":[{"city":"London"}],"notes":" first "}`

func TestCreateReadReplacePatchDelete(t *testing.T) {
	w := newWorld(t)
	made := w.create(ada)
	c := made.json(t)
	path := "/contacts/" + c["id"].(string)
	require.Equal(t, path, made.header.Get("Location"))
	require.Equal(t, "Ada Lovelace", c["fullName"])
	require.Equal(t, "default", c["workspace"])
	require.Equal(t, []any{"math"}, c["tags"])
	require.Equal(t, "first", c["notes"])

	fresh := as{"Min-Position": made.header.Get("Position")}
	got := w.get(path, fresh)
	require.Equal(t, 200, got.status)
	require.JSONEq(t, made.body, got.body)
	require.Equal(t, made.header.Get("ETag"), got.header.Get("ETag"))

	head := w.do("HEAD", path, fresh, "")
	require.Equal(t, 200, head.status)
	require.Equal(t, got.header.Get("ETag"), head.header.Get("ETag"))
	require.Equal(t, got.header.Get("Content-Length"), head.header.Get("Content-Length"))

	// What GET answers can be put back as it is.
	put := w.do("PUT", path, nil, got.body)
	require.Equal(t, 200, put.status, put.body)
	require.Equal(t, c["createdAt"], put.json(t)["createdAt"])

	put = w.do("PUT", path, nil, `{"firstName":"Ada","lastName":"King"}`)
	require.Equal(t, 200, put.status, put.body)
	require.Equal(t, "Ada King", put.json(t)["fullName"])
	require.NotContains(t, put.json(t), "email", "replaced whole")
	require.Equal(t, []any{}, put.json(t)["tags"])
	require.NotEqual(t, made.header.Get("ETag"), put.header.Get("ETag"))

	patched := w.do("PATCH", path, as{"Content-Type": "application/merge-patch+json"}, `{"lastName":null,"addresses":[{"city":"Paris","street":null}]}`)
	require.Equal(t, 200, patched.status, patched.body)
	require.Equal(t, "Ada", patched.json(t)["fullName"])
	require.Equal(t, []any{map[string]any{"city": "Paris"}}, patched.json(t)["addresses"])

	gone := w.do("DELETE", path, nil, "")
	require.Equal(t, 204, gone.status)
	require.Empty(t, gone.body)
	missing := w.get(path, as{"Min-Position": gone.header.Get("Position")})
	require.Equal(t, 404, missing.status)
	require.NotEmpty(t, missing.header.Get("Position"), "that there is none is an answer too")
	for _, method := range []string{"DELETE", "PUT", "PATCH"} {
		body := ada
		if method == "DELETE" {
			body = ""
		}
		require.Equal(t, 404, w.do(method, path, nil, body).status, method)
	}
}

func TestWorkspacesAreApart(t *testing.T) {
	w := newWorld(t)
	made := w.do("POST", "/contacts", as{"Workspace": "red"}, ada)
	require.Equal(t, 201, made.status, made.body)
	path := made.header.Get("Location")
	position := made.header.Get("Position")
	for _, method := range []string{"GET", "HEAD", "DELETE"} {
		require.Equal(t, 404, w.do(method, path, as{"Workspace": "blue"}, "").status, method)
	}
	require.Equal(t, 404, w.do("PATCH", path, as{"Workspace": "blue"}, `{"notes":"x"}`).status)
	require.Equal(t, 404, w.do("PUT", path, nil, ada).status)
	require.Equal(t, 200, w.get(path, as{"Workspace": "red", "Min-Position": position}).status)

	moved := w.do("PATCH", path, as{"Workspace": "red"}, `{"workspace":"blue"}`)
	require.Equal(t, 200, moved.status, moved.body)
	fresh := moved.header.Get("Position")
	require.Equal(t, 404, w.get(path, as{"Workspace": "red", "Min-Position": fresh}).status)
	require.Equal(t, 200, w.get(path, as{"Workspace": "blue", "Min-Position": fresh}).status)
	back := w.do("PATCH", path, as{"Workspace": "blue"}, `{"workspace":null}`)
	require.Equal(t, "blue", back.json(t)["workspace"], "null means the header's")
}

func TestOrganizations(t *testing.T) {
	w := newWorld(t)
	org := w.create(`{"kind":"organization","name":"Analytical Engines"}`).json(t)["id"].(string)
	w.create(`{"firstName":"Ada","organizationId":"` + org + `"}`)

	person := w.create(ada).json(t)["id"].(string)
	for _, id := range []string{person, "000000000000000000000000"} {
		a := w.do("POST", "/contacts", nil, `{"firstName":"Bob","organizationId":"`+id+`"}`)
		require.Equal(t, 422, a.status)
		require.Equal(t, []string{"/organizationId"}, a.pointers(t))
	}
	a := w.do("PUT", "/contacts/"+person, nil, `{"kind":"organization","name":"x"}`)
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/kind"}, a.pointers(t))
}

func TestIdempotencyKey(t *testing.T) {
	w := newWorld(t)
	key := as{"Idempotency-Key": "k 1~"}
	first := w.do("POST", "/contacts", key, ada)
	require.Equal(t, 201, first.status, first.body)
	again := w.do("POST", "/contacts", key, ` {"tags":["math"], "notes":"first","addresses":[{"city":"London"}],"email":"ada@example.com","firstName":"Ada","lastName":"Lovelace"}`)
	require.Equal(t, 200, again.status, "the same contact, written otherwise: "+again.body)
	require.JSONEq(t, first.body, again.body)
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	other := w.do("POST", "/contacts", key, `{"firstName":"Bob"}`)
	require.Equal(t, 422, other.status)
	require.Equal(t, 201, w.do("POST", "/contacts", as{"Idempotency-Key": "k 2"}, ada).status)
}
