package api

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// maxCursor limits the parameter after; real cursors are far shorter.
const maxCursor = 4096

var sorts = []grapevine.Sort{
	grapevine.ByName, grapevine.ByNameDesc, grapevine.ByCreated, grapevine.ByCreatedDesc,
	grapevine.ByUpdated, grapevine.ByUpdatedDesc, grapevine.ByCompany, grapevine.ByCompanyDesc,
}

var (
	listParams   = append(grapevine.FilterNames(), "limit", "after", "sort", "expand")
	searchParams = append(grapevine.FilterNames(), "q", "limit", "after", "expand")
	exportParams = append(grapevine.FilterNames(), "format")
)

// parseParams reads a query string strictly: every name must be in allowed, occur once, and have a
// value. That also refuses `filter[$ne]=`, which other stacks turn into an operator, and an empty
// `after=`, which would give a client the first page again and again.
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
			return nil, badRequest("The parameter " + name + " may be given once only.")
		case vs[0] == "":
			return nil, badRequest("The parameter " + name + " is empty. Leave it out or give it a value.")
		default:
			params[name] = vs[0]
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		if n := len(unknown); n > 10 {
			unknown = append(unknown[:10], fmt.Sprintf("and %d more", n-10))
		}
		return nil, badRequest("These parameters are unknown here: " + strings.Join(unknown, ", ") + ".")
	}
	return params, nil
}

// parseQuery reads the query of one page. allowed is listParams or searchParams.
func parseQuery(workspace, query string, allowed []string) (grapevine.Query, error) {
	params, err := parseParams(query, allowed)
	if err != nil {
		return grapevine.Query{}, err
	}
	for name, value := range params {
		if err := checkParam(name, value); err != nil {
			return grapevine.Query{}, err
		}
		params[name] = norm.NFC.String(value) // stored contacts are NFC
	}
	q := grapevine.Query{
		Workspace: workspace, Text: strings.TrimSpace(params["q"]), Sort: grapevine.Sort(params["sort"]),
		After: params["after"], Limit: grapevine.DefaultLimit, Expand: params["expand"] != "",
	}
	search := slices.Contains(allowed, "q")
	if search && q.Text == "" {
		return grapevine.Query{}, badRequest("The parameter q must have at least one word.")
	}
	if q.Sort == "" && !search {
		q.Sort = grapevine.ByName // a query that names the default has the same cache entry
	}
	if q.Sort != "" && !slices.Contains(sorts, q.Sort) {
		return grapevine.Query{}, badRequest("The parameter sort is one of name, createdAt, updatedAt and company, with a hyphen before it for descending order.")
	}
	for _, f := range grapevine.QueryFilters {
		value := params[f.Name]
		if value != "" && len(f.Enum) > 0 && !slices.Contains(f.Enum, value) {
			return grapevine.Query{}, badRequest("The parameter " + f.Name + " is " + strings.Join(f.Enum, " or ") + ".")
		}
		*f.Value(&q) = value
	}
	if e := params["expand"]; e != "" && e != "organization" {
		return grapevine.Query{}, badRequest("The parameter expand can only be organization.")
	}
	if limit, given := params["limit"]; given {
		q.Limit, err = strconv.Atoi(limit)
		if err != nil || q.Limit < 1 || q.Limit > grapevine.MaxLimit || strconv.Itoa(q.Limit) != limit {
			return grapevine.Query{}, badRequest(fmt.Sprintf("The parameter limit must be a number from 1 to %d.", grapevine.MaxLimit))
		}
	}
	return q, nil
}

// queryString is the query string of a request as it was sent.
func queryString(c *fiber.Ctx) string { return string(c.Context().URI().QueryString()) }

// noParams refuses any parameter.
func noParams(c *fiber.Ctx) error {
	_, err := parseParams(queryString(c), nil)
	return err
}

func checkParam(name, value string) error {
	maxLength := grapevine.MaxFilterLength
	if name == "after" {
		maxLength = maxCursor
	}
	switch {
	case !utf8.ValidString(value):
		return badRequest("The parameter " + name + " is not valid UTF-8.")
	case strings.ContainsFunc(value, unicode.IsControl):
		return badRequest("The parameter " + name + " contains control characters.")
	case utf8.RuneCountInString(value) > maxLength:
		return badRequest(fmt.Sprintf("The parameter %s is longer than %d characters.", name, maxLength))
	}
	return nil
}
