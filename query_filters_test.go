package grapevine

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// A filter that is missing from Key would let the cache answer with the page of another filter.
func TestEachFilterChangesTheKey(t *testing.T) {
	seen := map[string]string{(Query{Limit: 50}).Key(): "no filter"}
	for _, f := range QueryFilters {
		for _, value := range []string{"x", "y"} {
			q := Query{Limit: 50}
			*f.Value(&q) = value
			other, exists := seen[q.Key()]
			require.False(t, exists, "%s=%s has the key of %s", f.Name, value, other)
			seen[q.Key()] = f.Name + "=" + value
		}
	}
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
		default:
			t.Fatalf("this test has no value for a %s", field.Kind())
		}
		name := reflect.TypeFor[Query]().Field(i).Name
		require.Equal(t, name == "Workspace", q.Key() == (Query{}).Key(), name)
	}
}
