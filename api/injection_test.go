package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// operators are values that other stacks would pass on to a query or an update.
var operators = []string{
	`{"$ne":""}`, `{"$gt":""}`, `{"$gte":""}`, `{"$regex":".*"}`, `{"$where":"1"}`, `{"$exists":true}`, `{"$in":["a"]}`, `{"$nin":[]}`,
	`{"$not":{"$eq":1}}`, `{"$oid":"000000000000000000000000"}`, `{"$date":0}`, `{"$numberLong":"1"}`, `{"$binary":{"base64":"","subType":"00"}}`,
	`{"$function":{"body":"function(){}","args":[],"lang":"js"}}`, `{"$expr":{"$eq":[1,1]}}`, `[["$firstName"]]`, `[{"$ne":1}]`, `{"a.b":1}`, `{"":""}`,
	`{"__proto__":{"x":1}}`, `{"constructor":{}}`, `{"$type":"string"}`, `{"$mod":[1,0]}`, `1e400`, `true`, `-0`,
}

// hostileFields are names of fields that do not belong to a contact.
var hostileFields = []string{
	"$set", "$unset", "$where", "$expr", "$inc", "$rename", "$comment", "_id", "_meta", "_meta.key", "_meta.write", "__v", "__proto__", "constructor",
	"tags.0", "addresses.0.city", "firstName.x", "$[]", "$", "ID", "Workspace", "firstname", "FirstName", "isAdmin", "fullname", "\u0000", "firstName\u0000", "e\u006Dail ",
}

// hostileQueries are parameters of the same kind. If one is accepted, it is only compared as text.
var hostileQueries = []string{
	"company[$ne]=", "company[$gt]=", "filter[$ne]=1", "filter[$where]=1", "$where=1", "tag[]=a", "tag[0]=a", "tag[$in][]=a", "owner[$regex]=.*", "q[$options]=i",
	"without[$ne]=email", "createdAfter[$gt]=2026", "sort[name]=1", "sort=$natural", "limit[$gt]=0", "kind[$ne]=x", "kind={%22$ne%22:1}", "after={%22$gt%22:1}", "expand[$x]=1", "expand=$lookup", "q[$search]=a", "$expr=1",
	"company={%22$ne%22:%22%22}", "tag=$ne", "owner=%5B%5D", "q=.*", "q=(zz%2B)%2B$", "q=[", "q=(", "q=\\", "q=zz{1,99999}", "q=^zz", "q=$",
	"q=%EF%BF%BF", "q=%F4%8F%BF%BF", "company=';return true;//", "tag=%E2%80%AE", "q=\\x00", "owner=function(){}",
}

func TestInjection(t *testing.T) {
	h := newHarness(t)
	path := h.create(ada).header.Get("Location")
	before := h.stored(t)
	bodies := 0
	for _, op := range operators {
		for _, field := range []string{"firstName", "email", "kind", "workspace", "organizationId", "tags", "addresses"} {
			body := fmt.Sprintf(`{"firstName":"A","kind":"person",%q:%s}`, field, op)
			if field == "firstName" || field == "kind" {
				body = fmt.Sprintf(`{%q:%s}`, field, op)
			}
			for method, at := range map[string]string{"POST": "/contacts", "PUT": path, "PATCH": path} {
				a := h.do(method, at, nil, body)
				require.Equal(t, 422, a.status, "%s %s: %s", method, body, a.body)
				bodies++
			}
		}
	}
	for _, name := range hostileFields {
		quoted, err := json.Marshal(name)
		require.NoError(t, err)
		for method, at := range map[string]string{"POST": "/contacts", "PUT": path, "PATCH": path} {
			a := h.do(method, at, nil, fmt.Sprintf(`{"firstName":"A",%s:"x"}`, quoted))
			require.Equal(t, 422, a.status, "%s %q: %s", method, name, a.body)
			bodies++
		}
	}
	require.Greater(t, bodies, 500)
	require.Empty(t, before.difference(h.stored(t)), "nothing was written")
}

func TestInjectionIntoQueries(t *testing.T) {
	h := newHarness(t)
	made := h.create(ada)
	for _, q := range hostileQueries {
		for _, route := range []string{"/contacts?", "/contacts/search?q=ada&"} {
			a := h.get(route+escapeBlanks(q), header{"Min-Position": made.header.Get("Position")})
			require.Contains(t, []int{200, 400}, a.status, "%s: %s", q, a.body)
			if a.status == 200 {
				require.Equal(t, []any{}, a.json(t)["items"], "%s matched", q)
			}
		}
	}
	for _, word := range []string{`"`, `\`, `-ada`, `"-"`, `$ne`, `{"$gt":""}`, `(a+)+$`, `[`, `*`, `-`, `"ada`, "\u202e", "a b c d e f"} {
		a := h.get("/contacts/search?q="+url.QueryEscape(word), nil)
		require.Equal(t, 200, a.status, "%q: %s", word, a.body)
	}
}

// Text that looks like an operator, a script or a formula is stored and returned unchanged.
func TestTextIsText(t *testing.T) {
	h := newHarness(t)
	for _, text := range []string{"$ne", "{\"$gt\":\"\"}", "<script>alert(1)</script>", "=1+1", "a.b", "$", "../../etc/passwd", "Robert'); DROP TABLE", "\u202eevil\u202c", "👩‍👩‍👧", "%00", "\\u0000"} {
		body, err := json.Marshal(map[string]string{"firstName": text, "notes": text})
		require.NoError(t, err)
		a := h.create(string(body))
		require.Equal(t, text, a.json(t)["firstName"])
		require.NotContains(t, a.body, "<script")
	}
}

type documents map[string]string

func (h *harness) stored(t *testing.T) documents {
	t.Helper()
	cursor, err := h.db.Collection("contacts").Find(t.Context(), bson.D{})
	require.NoError(t, err)
	all := documents{}
	for cursor.Next(t.Context()) {
		all[cursor.Current.Lookup("_id").String()] = cursor.Current.String()
	}
	require.NoError(t, cursor.Err())
	return all
}

func (d documents) difference(other documents) (ids []string) {
	for id, doc := range other {
		if d[id] != doc {
			ids = append(ids, id)
		}
	}
	return ids
}

func escapeBlanks(q string) string {
	return (&url.URL{RawQuery: q}).RequestURI()[2:]
}
