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
	listParams   = append(grapevine.FilterNames(), "q", "limit", "after", "sort", "expand")
	searchParams = append(grapevine.FilterNames(), "q", "limit", "after", "expand")
	exportParams = append(grapevine.FilterNames(), "format")

	severalParams = func() (names []string) {
		for _, f := range grapevine.QueryFilters {
			if f.Several {
				names = append(names, f.Name)
			}
		}
		return names
	}()
)

// params are the parameters of a request. Only filters that take several values have more than one.
type params map[string][]string

// get is the value of a parameter, or empty.
func (p params) get(name string) string {
	if values := p[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// parseParams reads a query string strictly: every name must be in allowed, occur once unless it is a filter that takes several values,
// and have a value. That also refuses `filter[$ne]=`, which other stacks turn into an operator, and an empty
// `after=`, which would give a client the first page again and again.
func parseParams(query string, allowed []string) (params, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, badRequest("The query string is malformed.")
	}
	var unknown []string
	for name, vs := range values {
		switch {
		case !slices.Contains(allowed, name):
			unknown = append(unknown, fmt.Sprintf("%.64q", name))
		case len(vs) > 1 && !slices.Contains(severalParams, name):
			return nil, badRequest("The parameter " + name + " may be given once only.")
		case len(vs) > grapevine.MaxFilterValues:
			return nil, badRequest(fmt.Sprintf("The parameter %s may be given %d times at most.", name, grapevine.MaxFilterValues))
		case slices.Contains(vs, ""):
			return nil, badRequest("The parameter " + name + " is empty. Leave it out or give it a value.")
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		if n := len(unknown); n > 10 {
			unknown = append(unknown[:10], fmt.Sprintf("and %d more", n-10))
		}
		return nil, badRequest("These parameters are unknown here: " + strings.Join(unknown, ", ") + ".")
	}
	return params(values), nil
}

// parseQuery reads the query of one page. allowed is listParams or searchParams.
func parseQuery(workspace, query string, allowed []string) (grapevine.Query, error) {
	given, err := parseParams(query, allowed)
	if err != nil {
		return grapevine.Query{}, err
	}
	for name, values := range given {
		for i, value := range values {
			values[i] = norm.NFC.String(value) // stored contacts are NFC, and count as long as that
			if err := checkParam(name, values[i]); err != nil {
				return grapevine.Query{}, err
			}
		}
	}
	q := grapevine.Query{
		Workspace: workspace, Sort: grapevine.Sort(given.get("sort")),
		After: given.get("after"), Limit: grapevine.DefaultLimit, Expand: given.get("expand") != "",
	}
	words := strings.TrimSpace(given.get("q"))
	if textSearch := slices.Contains(allowed, "q") && !slices.Contains(allowed, "sort"); textSearch {
		err = setText(&q, words)
	} else {
		err = setWords(&q, words, len(given["q"]) > 0)
	}
	if err != nil {
		return grapevine.Query{}, err
	}
	if q.Sort != "" && !slices.Contains(sorts, q.Sort) {
		return grapevine.Query{}, badRequest("The parameter sort is one of name, createdAt, updatedAt and company, with a hyphen before it for descending order.")
	}
	if err := setFilters(&q, given); err != nil {
		return grapevine.Query{}, err
	}
	if e := given.get("expand"); e != "" && e != "organization" {
		return grapevine.Query{}, badRequest("The parameter expand can only be organization.")
	}
	if limit := given.get("limit"); limit != "" {
		q.Limit, err = strconv.Atoi(limit)
		if err != nil || q.Limit < 1 || q.Limit > grapevine.MaxLimit || strconv.Itoa(q.Limit) != limit {
			return grapevine.Query{}, badRequest(fmt.Sprintf("The parameter limit must be a number from 1 to %d.", grapevine.MaxLimit))
		}
	}
	return q, nil
}

// setText makes the query a search for whole words.
func setText(q *grapevine.Query, words string) error {
	if words == "" {
		return badRequest("The parameter q must have at least one word.")
	}
	q.Text = words
	return nil
}

// setWords makes the query a search for the starts of words, or a list.
func setWords(q *grapevine.Query, words string, given bool) error {
	switch {
	case !given:
		if q.Sort == "" {
			q.Sort = grapevine.ByName // a query that names the default has the same cache entry
		}
		return nil
	case q.Sort != "":
		return badRequest("The parameters q and sort exclude each other: a search has an order of its own, the best hit first.")
	case words == "":
		return badRequest("The parameter q has no letter and no digit. Search for a word or a phone number.")
	}
	q.Words = words
	return nil
}

func setFilters(q *grapevine.Query, given params) error {
	for _, f := range grapevine.QueryFilters {
		for _, value := range given[f.Name] {
			if !f.Set(q, value) {
				return badRequest("The parameter " + f.Name + " is " + f.Wants + ".")
			}
		}
	}
	return nil
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
