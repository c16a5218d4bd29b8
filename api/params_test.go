package api

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestParseQuery(t *testing.T) {
	for raw, want := range map[string]grapevine.Query{
		"":                   {Sort: grapevine.ByName, Limit: 50},
		"sort=name&limit=50": {Sort: grapevine.ByName, Limit: 50},
		"limit=200&sort=-createdAt&after=abc&company=A%20B&tag=x&tag=y&kind=person&owner=o&without=email&without=phone&organizationId=65f000000000000000000001&createdAfter=2026-11-29&expand=organization": {
			Sort: grapevine.ByCreatedDesc, Limit: 200, After: "abc", Company: "A B", Tags: []string{"x", "y"},
			Kind: grapevine.Person, Owner: "o", Without: []string{"email", "phone"}, OrganizationID: "65f000000000000000000001",
			CreatedAfter: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), Expand: true,
		},
		"owner=Mu%CC%88":     {Sort: grapevine.ByName, Limit: 50, Owner: "Mü"}, // stored contacts are NFC
		"q=+ada+l&limit=7":   {Limit: 7, Words: "ada l"},
		"company=%24ne":      {Sort: grapevine.ByName, Limit: 50, Company: "$ne"},
		"company=(a%2B)%2B$": {Sort: grapevine.ByName, Limit: 50, Company: "(a+)+$"},
	} {
		want.Workspace = "w"
		got, err := parseQuery("w", raw, listParams)
		require.NoError(t, err, raw)
		require.Empty(t, cmp.Diff(want, got), raw)
	}
	got, err := parseQuery("w", "q=+ada+lovelace+&limit=1", searchParams)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(grapevine.Query{Workspace: "w", Text: "ada lovelace", Limit: 1}, got))
}

// valueOf is an acceptable value of a filter.
func valueOf(f grapevine.Filter) string {
	for _, value := range append(f.Enum, "65f000000000000000000001", "2026-11-29T08:30:00Z") {
		if f.Set(&grapevine.Query{}, value) {
			return value
		}
	}
	return ""
}

func TestParseQueryReadsEachFilter(t *testing.T) {
	for _, f := range grapevine.QueryFilters {
		value := valueOf(f)
		for _, allowed := range [][]string{listParams, searchParams} {
			raw := "q=x&" + f.Name + "=" + value
			q, err := parseQuery("w", raw, allowed)
			require.NoError(t, err, raw)
			require.Equal(t, []string{value}, f.Values(&q), raw)
		}
	}
}

func TestOpenAPIDescribesEachFilter(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	require.NoError(t, err)
	for _, path := range []string{"/contacts", "/contacts/search", "/contacts/export"} {
		params := doc.Paths.Find(path).Get.Parameters
		for _, f := range grapevine.QueryFilters {
			p := params.GetByInAndName(openapi3.ParameterInQuery, f.Name)
			require.NotNil(t, p, "%s has no parameter %s", path, f.Name)
			schema := p.Schema.Value
			require.Equal(t, f.Several, schema.Items != nil, f.Name)
			if f.Several {
				require.EqualValues(t, grapevine.MaxFilterValues, *schema.MaxItems, f.Name)
				schema = schema.Items.Value
			}
			if f.Name == "organizationId" {
				continue
			}
			if len(f.Enum) == 0 {
				require.EqualValues(t, grapevine.MaxFilterLength, *schema.MaxLength, f.Name)
				continue
			}
			var enum []string
			for _, value := range schema.Enum {
				enum = append(enum, value.(string))
			}
			require.Equal(t, f.Enum, enum, f.Name)
		}
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for raw, says := range map[string]string{
		"limit=0": "1 to 200", "limit=201": "1 to 200", "limit=-1": "1 to 200", "limit=1e2": "1 to 200",
		"limit=%2B5": "1 to 200", "limit=05": "1 to 200", "limit=99999999999999999999": "1 to 200",
		"sort=email": "sort is one of", "sort=--name": "sort is one of", "sort=Name": "sort is one of",
		"kind=robot": "kind is", "expand=owner": "expand can",
		"filter[$ne]=1": `"filter[$ne]"`, "company[$ne]=1": `"company[$ne]"`, "company[]=1": `"company[]"`, "%24where=1": `"$where"`,
		"Company=x": `"Company"`, "prefix=x": `"prefix"`, "q=x&sort=name": "exclude", "q=": "q is empty", "q=%20": "no letter", "a=1&b=2": `"a", "b"`, "workspace=w": `"workspace"`,
		"company=a&company=b": "company may be given once", "limit=1&limit=1": "limit may be given once",
		"limit=": "limit is empty", "after=": "after is empty", "sort=": "sort is empty", "company=": "company is empty", "owner": "owner is empty", "tag=a&tag=": "tag is empty",
		"without=name": "without is email or phone", "organizationId=x": "organizationId is the id", "createdAfter=now": "createdAfter is a time",
		strings.Repeat("tag=a&", 21) + "limit=1": "tag may be given 20 times",
		"company=%00":                            "control", "company=a%0Ab": "control", "company=%ff": "UTF-8", "owner=%C2%80": "control",
		"company=%zz": "malformed", "company=%": "malformed", "a;b=1": "malformed",
		"company=" + strings.Repeat("x", 201): "longer than 200", "after=" + strings.Repeat("x", 4097): "longer than 4096",
	} {
		_, err := parseQuery("w", raw, listParams)
		require.ErrorContains(t, err, says, raw)
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), raw)
	}
	for _, raw := range []string{"", "q=", "q=%20%09", "q=x&sort=name"} {
		_, err := parseQuery("w", raw, searchParams)
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), raw)
	}
	_, err := parseQuery("w", "company="+strings.Repeat("%C3%A9", 200), listParams)
	require.NoError(t, err, "lengths count characters")
	q, err := parseQuery("w", "company="+strings.Repeat("e%CC%81", 200), listParams)
	require.NoError(t, err, "lengths count what is compared")
	require.Equal(t, strings.Repeat("é", 200), q.Company)
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"limit=5&sort=-name", "q=a%20b", "filter[$ne]=x", "company=%ff", "a=1;b=2", "owner=%CC%88"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, allowed := range [][]string{listParams, searchParams} {
			q, err := parseQuery("w", raw, allowed)
			if err != nil {
				require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err))
				require.True(t, utf8.ValidString(err.Error()))
				continue
			}
			require.True(t, q.Limit >= 1 && q.Limit <= grapevine.MaxLimit)
			texts := []string{q.Text, q.Words, q.After}
			for _, f := range grapevine.QueryFilters {
				texts = append(texts, f.Values(&q)...)
			}
			for _, s := range texts {
				require.True(t, utf8.ValidString(s))
				require.NotContains(t, s, "\x00")
			}
		}
	})
}
