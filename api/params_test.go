package api

import (
	"slices"
	"strings"
	"testing"
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
		"limit=200&sort=-createdAt&after=abc&company=A%20B&tag=x&kind=person&owner=o&prefix=M%C3%BC&expand=organization": {
			Sort: grapevine.ByCreatedDesc, Limit: 200, After: "abc", Company: "A B", Tag: "x", Kind: grapevine.Person, Owner: "o", Prefix: "Mü", Expand: true,
		},
		"prefix=Mu%CC%88":    {Sort: grapevine.ByName, Limit: 50, Prefix: "Mü"}, // stored contacts are NFC
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

func TestParseQueryReadsEachFilter(t *testing.T) {
	for _, f := range grapevine.QueryFilters {
		value := "x"
		if len(f.Enum) > 0 {
			value = f.Enum[0]
		}
		for _, allowed := range [][]string{listParams, searchParams} {
			raw := "q=x&" + f.Name + "=" + value
			if !slices.Contains(allowed, "q") {
				raw = f.Name + "=" + value
			}
			q, err := parseQuery("w", raw, allowed)
			require.NoError(t, err, raw)
			require.Equal(t, value, *f.Value(&q), raw)
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
		"Company=x": `"Company"`, "q=x": `"q"`, "a=1&b=2": `"a", "b"`, "workspace=w": `"workspace"`,
		"company=a&company=b": "company may be given once", "limit=1&limit=1": "limit may be given once",
		"limit=": "limit is empty", "after=": "after is empty", "sort=": "sort is empty", "company=": "company is empty", "prefix": "prefix is empty",
		"company=%00": "control", "company=a%0Ab": "control", "company=%ff": "UTF-8", "owner=%C2%80": "control",
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
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"limit=5&sort=-name", "q=a%20b", "filter[$ne]=x", "company=%ff", "a=1;b=2", "prefix=%CC%88"} {
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
			texts := []string{q.Text, q.After}
			for _, f := range grapevine.QueryFilters {
				texts = append(texts, *f.Value(&q))
			}
			for _, s := range texts {
				require.True(t, utf8.ValidString(s))
				require.NotContains(t, s, "\x00")
			}
		}
	})
}
