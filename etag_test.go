package grapevine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestETagMatches(t *testing.T) {
	const ours = `"aB-3_x"`
	for _, tag := range []string{
		`*`, ours, `W/"aB-3_x"`, // as sent, and as nginx, HAProxy, Varnish and Cloudflare send it on
		`"aB-3_x-gzip"`, `"aB-3_x--gzip"`, `"aB-3_x;br"`, `"aB-3_x-br"`, `"aB-3_x-zstd"`, `"aB-3_x-df"`, `"aB-3_x;gzip"`,
		`"aB-3_x:gzip"`, `"aB-3_x-deflate"`, `W/"aB-3_x-gzip"`, `"aB-3_x;;;"`,
	} {
		require.True(t, ETagMatches([]string{`"other"`, tag}, ours), tag)
	}
	for _, tag := range []string{
		`"aB-3_"`, `"aB-3_y"`, `"ab-3_x"`, `"aB-3_xgzip"`, `"-gzip"`, `""`, `W/""`, `"aB-3_x-gz ip"`, `"aB-3_x-"other"`, `"xaB-3_x"`,
		`"aB-3_x-12345678901234567"`, `aB-3_x`,
	} {
		require.False(t, ETagMatches([]string{tag}, ours), tag)
	}
	require.False(t, ETagMatches(nil, ours))
}

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
		got, ok := ParseETags(value)
		require.Equal(t, want != nil, ok, "%q", value)
		if ok {
			require.Equal(t, want, got, "%q", value)
		}
	}
}

func FuzzParseETags(f *testing.F) {
	f.Add(`"a", W/"b",,"c,d"`)
	f.Fuzz(func(t *testing.T, value string) {
		tags, ok := ParseETags(value)
		if !ok {
			return
		}
		require.NotEmpty(t, tags)
		again, ok := ParseETags(strings.Join(tags, ", "))
		require.True(t, ok)
		require.Equal(t, tags, again)
	})
}

func TestNotModifiedETag(t *testing.T) {
	const plain, compressed = `"t"`, `"t-gzip"`
	require.Equal(t, compressed, GzipETag(plain))
	require.Empty(t, GzipETag("")) // an answer without one
	for _, test := range []struct {
		tags        []string
		acceptsGzip bool
		want        string
	}{
		{[]string{compressed}, true, compressed},
		{[]string{`"other"`, "W/" + compressed}, true, compressed},
		{[]string{compressed}, false, plain},
		{[]string{plain}, true, plain},
		{[]string{"*"}, true, plain},
		{nil, true, plain},
	} {
		require.Equal(t, test.want, NotModifiedETag(test.tags, plain, test.acceptsGzip), test)
	}
}
