package grapevine

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A filter that is missing from Key would let the cache answer with the page of another filter.
func TestEachFilterChangesTheKey(t *testing.T) {
	seen := map[string]string{(Query{Limit: 50}).Key(): "no filter"}
	for _, f := range QueryFilters {
		for _, value := range valuesOf(f) {
			q := Query{Limit: 50}
			require.True(t, f.Set(&q, value), "%s=%s", f.Name, value)
			other, exists := seen[q.Key()]
			require.False(t, exists, "%s=%s has the key of %s", f.Name, value, other)
			seen[q.Key()] = f.Name + "=" + value
		}
	}
}

// valuesOf are two acceptable values of a filter.
func valuesOf(f Filter) []string {
	switch {
	case f.Enum != nil:
		return f.Enum
	case f.Name == "organizationId":
		return []string{"65f000000000000000000001", "65f000000000000000000002"}
	case strings.HasSuffix(f.Name, "After"), strings.HasSuffix(f.Name, "Before"):
		return []string{"2026-11-29T00:00:00.0005Z", "2026-11-30"}
	default:
		return []string{"x", "y"}
	}
}

func TestFiltersRefuse(t *testing.T) {
	refused := map[string]string{
		"kind": "robot", "without": "name", "organizationId": "x", "createdAfter": "yesterday", "createdBefore": "2026-13-01", "updatedAfter": "1700000000",
		"updatedBefore": "0001-01-01T00:00:00Z",
	}
	for _, f := range QueryFilters {
		if value, ok := refused[f.Name]; ok {
			require.False(t, f.Set(&Query{}, value), f.Name)
			require.NotEmpty(t, f.Wants, f.Name)
			delete(refused, f.Name)
		}
	}
	require.Empty(t, refused)
}

func TestTimesOfFilters(t *testing.T) {
	want := time.Date(2026, 11, 29, 6, 30, 0, 0, time.UTC)
	for _, text := range []string{"2026-11-29T06:30:00Z", "2026-11-29T08:30:00+02:00", "2026-11-29T08:30:00 02:00", "2026-11-29T06:30:00.000Z"} {
		got, ok := parseTime(text)
		require.True(t, ok, text)
		require.True(t, want.Equal(got), text)
	}
	day, ok := parseTime("2026-11-29")
	require.True(t, ok)
	require.Equal(t, time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), day)
}

// Tags in another order, or twice, ask for the same.
func TestTheOrderOfTagsDoesNotChangeTheKey(t *testing.T) {
	require.Equal(t, Query{Tags: []string{"b", "a", "b"}}.Key(), Query{Tags: []string{"a", "b"}}.Key())
	require.NotEqual(t, Query{Tags: []string{"a"}}.Key(), Query{Tags: []string{"a", "b"}}.Key())
}

// The test reads the struct, so that it also finds a field that is in no table.
func TestEachFieldOfAQueryChangesTheKey(t *testing.T) {
	for i := range reflect.TypeFor[Query]().NumField() {
		var q Query
		switch field := reflect.ValueOf(&q).Elem().Field(i); field.Kind() { //nolint:exhaustive // other kinds fail
		case reflect.String:
			field.SetString("x")
		case reflect.Int:
			field.SetInt(7)
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Slice:
			field.Set(reflect.ValueOf([]string{"x"}))
		case reflect.Struct:
			field.Set(reflect.ValueOf(time.Unix(1, 0)))
		default:
			t.Fatalf("this test has no value for a %s", field.Kind())
		}
		name := reflect.TypeFor[Query]().Field(i).Name
		require.Equal(t, name == "Workspace", q.Key() == (Query{}).Key(), name)
	}
}
