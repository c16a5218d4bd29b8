// Package contactfiles has small files in the shapes that real programs write, and what an import of each has to give.
package contactfiles

import (
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

//go:embed files
var files embed.FS

// Case is one file with its right values.
type Case struct {
	Name   string
	Body   []byte
	Twice  bool // the file is imported twice
	expect map[string]any
}

// Report is what an import of a file gave, as decoded JSON.
type Report struct {
	Contacts []any          // in the order of the file
	Answer   map[string]any // with skipped and notes
	Text     string         // the whole answer, an error too
}

// All returns every case, sorted by name.
func All(t testing.TB) (cases []Case) {
	t.Helper()
	text, err := files.ReadFile("files/expected.json")
	require.NoError(t, err)
	var expected map[string]map[string]any
	require.NoError(t, json.Unmarshal(text, &expected))
	for name, expect := range expected {
		body, err := files.ReadFile("files/" + name)
		require.NoError(t, err)
		cases = append(cases, Case{Name: name, Body: body, Twice: expect["twice"] == true, expect: expect})
	}
	slices.SortFunc(cases, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return cases
}

// MediaType is what a browser says about the file.
func (c Case) MediaType() string {
	switch {
	case strings.HasSuffix(c.Name, ".vcf"):
		return "text/vcard"
	case strings.HasSuffix(c.Name, ".csv"):
		return "text/csv"
	case strings.HasSuffix(c.Name, ".ndjson"):
		return "application/x-ndjson"
	}
	return "application/octet-stream"
}

// Differences says in which ways an import gave something else.
func (c Case) Differences(got Report) []string {
	return differences(c.expect, got)
}

func differences(expect map[string]any, got Report) (found []string) {
	if alternatives, ok := expect["anyOf"].([]any); ok {
		fits := false
		for _, alternative := range alternatives {
			more := differences(alternative.(map[string]any), got)
			fits = fits || len(more) == 0
			found = append(found, more...)
		}
		if fits {
			found = nil
		}
	}
	if want, ok := expect["contacts"].([]any); ok {
		if len(want) != len(got.Contacts) {
			found = append(found, fmt.Sprintf("%d contacts, not %d", len(got.Contacts), len(want)))
		} else {
			for i := range want {
				found = append(found, compare(fmt.Sprintf("contacts[%d]", i), want[i], got.Contacts[i])...)
			}
		}
	}
	skipped, _ := got.Answer["skipped"].([]any)
	notes, _ := got.Answer["notes"].([]any)
	if want, ok := expect["skipped"]; ok && want != nil {
		found = append(found, compare("skipped", want, float64(len(skipped)))...)
	}
	reported := append(slices.Clone(skipped), notes...)
	for _, pattern := range list(expect["notes"]) {
		if !slices.ContainsFunc(reported, func(r any) bool { return like(pattern.(string), textOf(r)) }) {
			found = append(found, fmt.Sprintf("nothing is reported like %q: %s", pattern, textOf(reported)))
		}
	}
	for _, pair := range list(expect["reported"]) {
		from, to := pair.([]any)[0].(float64), pair.([]any)[1].(float64)
		if !slices.ContainsFunc(reported, func(r any) bool {
			line, _ := r.(map[string]any)["line"].(float64)
			return line >= from && line <= to
		}) {
			found = append(found, fmt.Sprintf("nothing is reported of the lines %v to %v: %s", from, to, textOf(reported)))
		}
	}
	for _, text := range list(expect["says"]) {
		if !strings.Contains(strings.ToLower(got.Text), strings.ToLower(text.(string))) {
			found = append(found, fmt.Sprintf("the answer does not say %q: %.300s", text, got.Text))
		}
	}
	return found
}

// compare follows the rules of the README.
func compare(at string, want, got any) (found []string) {
	differ := []string{fmt.Sprintf("%s: got %s, want %s", at, textOf(got), textOf(want))}
	object, ok := want.(map[string]any)
	if !ok {
		return compareValue(at, want, got, differ)
	}
	if pattern, ok := object["like"].(string); ok {
		if text, _ := got.(string); !like(pattern, text) {
			return differ
		}
		return nil
	}
	if entries, ok := object["contains"].([]any); ok {
		for _, entry := range entries {
			if !slices.ContainsFunc(list(got), func(g any) bool { return len(compare(at, entry, g)) == 0 }) {
				found = append(found, fmt.Sprintf("%s: %s is not in %s", at, textOf(entry), textOf(got)))
			}
		}
		return found
	}
	if alternatives, ok := object["anyOf"].([]any); ok {
		if !slices.ContainsFunc(alternatives, func(a any) bool { return len(compare(at, a, got)) == 0 }) {
			found = differ
		}
	}
	members, _ := got.(map[string]any)
	for name, value := range object {
		if name != "anyOf" {
			found = append(found, compare(at+"."+name, value, members[name])...)
		}
	}
	return found
}

func compareValue(at string, want, got any, differ []string) (found []string) {
	if isEmpty(want) && isEmpty(got) {
		return nil
	}
	wanted, ok := want.([]any)
	if !ok {
		if want != got {
			return differ
		}
		return nil
	}
	if len(wanted) != len(list(got)) {
		return differ
	}
	for i := range wanted {
		found = append(found, compare(fmt.Sprintf("%s[%d]", at, i), wanted[i], list(got)[i])...)
	}
	return found
}

func isEmpty(v any) bool {
	return v == nil || v == "" || len(list(v)) == 0 && fmt.Sprintf("%T", v) == "[]interface {}"
}

func list(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case string:
		return []any{v}
	}
	return nil
}

func like(pattern, text string) bool { return regexp.MustCompile("(?i)" + pattern).MatchString(text) }

func textOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
