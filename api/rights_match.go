package api

import (
	"net/http"
	"slices"
	"strings"
)

// pathRights are the rights of one path of the table.
type pathRights struct {
	path     string
	segments []string           // of a path with parameters
	methods  map[string][]right // one each
	all      []right            // of every method, each once
}

// rightsTable finds the rights of a path as the router would.
type rightsTable struct {
	fixed    map[string]*pathRights
	patterns []*pathRights // in the order of the table
}

var theRights = newRightsTable(rights)

func newRightsTable(rules []rule) *rightsTable {
	t := &rightsTable{fixed: map[string]*pathRights{}}
	for _, r := range rules {
		p := t.add(r.path)
		for method := range strings.FieldsSeq(r.methods) {
			p.methods[method] = []right{r.right}
			if method == http.MethodGet {
				p.methods[http.MethodHead] = p.methods[method]
			}
		}
		if !slices.Contains(p.all, r.right) {
			p.all = append(p.all, r.right)
		}
	}
	return t
}

// add returns the entry of a path, a new one if there is none.
func (t *rightsTable) add(path string) *pathRights {
	if p := t.fixed[path]; p != nil {
		return p
	}
	if i := slices.IndexFunc(t.patterns, func(p *pathRights) bool { return p.path == path }); i >= 0 {
		return t.patterns[i]
	}
	p := &pathRights{path: path, methods: map[string][]right{}}
	if strings.ContainsAny(path, ":*") {
		p.segments = strings.Split(path, "/")
		t.patterns = append(t.patterns, p)
	} else {
		t.fixed[path] = p
	}
	return p
}

// find returns the rights of a request path, nil if the table has none.
func (t *rightsTable) find(path string) *pathRights {
	if p := t.fixed[path]; p != nil {
		return p
	}
	for _, p := range t.patterns {
		if p.matches(path) {
			return p
		}
	}
	return nil
}

// RightOf names what a request needs, or is empty if the table of rights has no line for it and it is refused.
func RightOf(method, path string) string {
	entry := theRights.find(path)
	if entry == nil || len(entry.methods[method]) == 0 {
		return ""
	}
	return string(entry.methods[method][0])
}

// matches reports whether a path fits the pattern.
func (p *pathRights) matches(path string) bool {
	for i, want := range p.segments {
		if want == "*" {
			return true
		}
		segment, rest, more := strings.Cut(path, "/")
		last := i == len(p.segments)-1
		parameter := strings.HasPrefix(want, ":")
		if parameter && segment == "" || !parameter && segment != want || more == last {
			return false
		}
		path = rest
	}
	return true
}

// of returns the rights of which a method needs one. A method without a line, such as OPTIONS, needs any right of the path.
func (p *pathRights) of(method string) []right {
	if r, listed := p.methods[method]; listed {
		return r
	}
	return p.all
}
