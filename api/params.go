package api

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// maxCursor bounds `after`; ours are far shorter.
const maxCursor = 4096

var sorts = []grapevine.Sort{
	grapevine.ByName, grapevine.ByNameDesc, grapevine.ByCreated, grapevine.ByCreatedDesc,
	grapevine.ByUpdated, grapevine.ByUpdatedDesc, grapevine.ByCompany, grapevine.ByCompanyDesc,
}

var (
	listParams   = []string{"limit", "after", "sort", "company", "tag", "kind", "owner", "prefix", "expand"}
	searchParams = []string{"q", "limit", "after", "company", "tag", "kind", "owner", "prefix", "expand"}
)

// parseParams reads a query string strictly: every name must be one of allowed, at most once, and with
// a value. That also refuses the `filter[$ne]=` that other stacks turn into an operator, and an empty
// `after=`, with which a client that means the next page would be given the first one for ever.
func parseParams(query string, allowed []string) (map[string]string, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, badRequest("The query string is malformed.")
	}
	params := map[string]string{}
	var unknown []string
	for name, vs := range values {
		switch {
		case !slices.Contains(allowed, name):
			unknown = append(unknown, fmt.Sprintf("%.64q", name))
		case len(vs) > 1:
			return nil, badRequest("The parameter " + name + " may be given once.")
		case vs[0] == "":
			return nil, badRequest("The parameter " + name + " is empty; leave it out.")
		default:
			params[name] = vs[0]
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		if n := len(unknown); n > 10 {
			unknown = append(unknown[:10], fmt.Sprintf("and %d more", n-10))
		}
		return nil, badRequest("There is no such parameter here: " + strings.Join(unknown, ", ") + ".")
	}
	return params, nil
}

// parseQuery reads one page's query; allowed is listParams or searchParams.
func parseQuery(workspace, query string, allowed []string) (grapevine.Query, error) {
	params, err := parseParams(query, allowed)
	if err != nil {
		return grapevine.Query{}, err
	}
	for name, value := range params {
		if err := checkParam(name, value); err != nil {
			return grapevine.Query{}, err
		}
		params[name] = norm.NFC.String(value) // as stored contacts are
	}
	q := grapevine.Query{
		Workspace: workspace, Text: strings.TrimSpace(params["q"]), Sort: grapevine.Sort(params["sort"]),
		Company: params["company"], Tag: params["tag"], Kind: grapevine.Kind(params["kind"]),
		Owner: params["owner"], Prefix: params["prefix"], After: params["after"],
		Limit: grapevine.DefaultLimit, Expand: params["expand"] != "",
	}
	search := slices.Contains(allowed, "q")
	if search && q.Text == "" {
		return grapevine.Query{}, badRequest("The parameter q needs at least one word.")
	}
	if q.Sort == "" && !search {
		q.Sort = grapevine.ByName // so that naming the default is the same query, and the same cache entry
	}
	if q.Sort != "" && !slices.Contains(sorts, q.Sort) {
		return grapevine.Query{}, badRequest("The parameter sort is one of name, createdAt, updatedAt, company, with a hyphen before it for descending.")
	}
	if q.Kind != "" && q.Kind != grapevine.Person && q.Kind != grapevine.Organization {
		return grapevine.Query{}, badRequest("The parameter kind is person or organization.")
	}
	if e := params["expand"]; e != "" && e != "organization" {
		return grapevine.Query{}, badRequest("The parameter expand can only be organization.")
	}
	if limit, given := params["limit"]; given {
		q.Limit, err = strconv.Atoi(limit)
		if err != nil || q.Limit < 1 || q.Limit > grapevine.MaxLimit || strconv.Itoa(q.Limit) != limit {
			return grapevine.Query{}, badRequest(fmt.Sprintf("The parameter limit is a number from 1 to %d.", grapevine.MaxLimit))
		}
	}
	return q, nil
}

func checkParam(name, value string) error {
	most := grapevine.MaxFilterLength
	if name == "after" {
		most = maxCursor
	}
	switch {
	case !utf8.ValidString(value):
		return badRequest("The parameter " + name + " is not valid UTF-8.")
	case strings.ContainsFunc(value, unicode.IsControl):
		return badRequest("The parameter " + name + " holds control characters.")
	case utf8.RuneCountInString(value) > most:
		return badRequest(fmt.Sprintf("The parameter %s is longer than %d characters.", name, most))
	}
	return nil
}
