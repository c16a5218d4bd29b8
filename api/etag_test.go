package api

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseETags(t *testing.T) {
	for value, want := range map[string][]string{
		`*`:                     {"*"},
		` * `:                   {"*"},
		`"a"`:                   {`"a"`},
		`"a", "b"`:              {`"a"`, `"b"`},
		`"a","b"`:               {`"a"`, `"b"`},
		` , "a" ,, W/"b" , `:    {`"a"`, `W/"b"`},
		`"a,b"`:                 {`"a,b"`}, // a tag can contain a comma
		`""`:                    {`""`},
		``:                      nil,
		`,`:                     nil,
		`a`:                     nil,
		`"a`:                    nil,
		`a"`:                    nil,
		`"a" "b"`:               nil,
		`"a"x`:                  nil,
		`w/"a"`:                 nil,
		`W/a`:                   nil,
		`W/`:                    nil,
		`*, "a"`:                nil,
		`"a", *`:                nil,
		"\"a\tb\"":              nil,
		`"a b"`:                 nil,
		`"` + "\x7f" + `"`:      nil,
		`"a", "` + "\x00" + `"`: nil,
	} {
		got, ok := parseETags(value)
		require.Equal(t, want != nil, ok, "%q", value)
		if ok {
			require.Equal(t, want, got, "%q", value)
		}
	}
}

func FuzzParseETags(f *testing.F) {
	f.Add(`"a", W/"b",,"c,d"`)
	f.Fuzz(func(t *testing.T, value string) {
		tags, ok := parseETags(value)
		if !ok {
			return
		}
		require.NotEmpty(t, tags)
		again, ok := parseETags(strings.Join(tags, ", "))
		require.True(t, ok)
		require.Equal(t, tags, again)
	})
}
