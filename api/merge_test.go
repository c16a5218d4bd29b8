package api

import (
	"testing"

	"grapevine/transfer"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// The examples of RFC 7396, appendix A.
func TestMergePatch(t *testing.T) {
	for _, test := range []struct{ target, patch, result string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		target := mustDecode(t, test.target)
		got := applyMergePatch(target, mustDecode(t, test.patch))
		require.Empty(t, cmp.Diff(mustDecode(t, test.result), got), "%s + %s", test.target, test.patch)
		require.Empty(t, cmp.Diff(mustDecode(t, test.target), target), "the target was changed")
	}
}

func FuzzMergePatch(f *testing.F) {
	f.Add(`{"a":{"b":1}}`, `{"a":{"b":null,"c":[null]}}`)
	f.Fuzz(func(t *testing.T, target, patch string) {
		a, err := transfer.DecodeJSON([]byte(target))
		if err != nil {
			return
		}
		p, err := transfer.DecodeJSON([]byte(patch))
		if err != nil {
			return
		}
		once := applyMergePatch(a, p)
		require.Empty(t, cmp.Diff(once, applyMergePatch(once, p)), "a patch applied twice is the patch applied once")
		require.Empty(t, cmp.Diff(mustDecode(t, target), a), "the target was changed")
	})
}

func mustDecode(t *testing.T, body string) any {
	t.Helper()
	v, err := transfer.DecodeJSON([]byte(body))
	require.NoError(t, err)
	return v
}
