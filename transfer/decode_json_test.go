package transfer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestDecodeJSONRefuses(t *testing.T) {
	for name, test := range map[string]struct{ body, says string }{
		"nothing":                  {``, "empty"},
		"blanks":                   {"  \n ", "empty"},
		"half an object":           {`{"a":`, "breaks off"},
		"half a text":              {`{"a":"b`, "breaks off"},
		"an open list":             {`[1`, "breaks off"},
		"a bare word":              {`hello`, "not JSON"},
		"a single quote":           {`{'a':1}`, "not JSON"},
		"a trailing comma":         {`{"a":1,}`, "not JSON"},
		"a comment":                {`{"a":1} // no`, "more after"},
		"two values":               {`{} {}`, "more after"},
		"a closing brace too many": {`{}}`, "more after"},
		"a name twice":             {`{"a":1,"b":2,"a":3}`, `"a" twice`},
		"a name twice, escaped":    {`{"a":1,"\u0061":3}`, `"a" twice`},
		"a name twice, inside":     {`{"x":[{"a":1,"a":2}]}`, `"a" twice`},
		"invalid UTF-8":            {"{\"a\":\"\xff\"}", "UTF-8"},
		"an overlong form":         {"{\"a\":\"\xc0\xaf\"}", "UTF-8"},
		"a lone high surrogate":    {`{"a":"\ud800"}`, "surrogate"},
		"a lone low surrogate":     {`{"a":"x\uDC00y"}`, "surrogate"},
		"two high surrogates":      {`{"a":"\ud800\ud800"}`, "surrogate"},
		"a NUL":                    {"{\"a\":\"\x00\"}", "not JSON"},
		"a name that is a number":  {`{1:2}`, "not JSON"},
		"too deep a list":          {strings.Repeat("[", 33) + strings.Repeat("]", 33), "deeper than 32"},
		"ten thousand deep":        {strings.Repeat("[", 10_000), "deeper than 32"},
		"too deep an object":       {strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "deeper than 32"},
		"a byte order mark":        {"\ufeff{}", "not JSON"},
		"NaN":                      {`{"a":NaN}`, "not JSON"},
		"a leading zero":           {`{"a":01}`, "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := DecodeJSON([]byte(test.body))
			require.ErrorContains(t, err, test.says)
			require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err))
		})
	}
}

// Values over the limit cost no memory, whatever their shape.
func TestDecodeJSONLimitsValues(t *testing.T) {
	for name, body := range map[string]string{
		"addresses":  `{"addresses":[` + strings.Repeat(`{"x":1},`, 120_000) + `{}]}`,
		"numbers":    `[` + strings.Repeat(`0,`, 500_000) + `0]`,
		"lists":      `[` + strings.Repeat(`[],`, 300_000) + `[]]`,
		"pairs":      `[` + strings.Repeat(`[[[[[[[[[[]]]]]]]]]],`, 50_000) + `[]]`,
		"few commas": `[` + strings.Repeat(`[[[[[[[[[[]]]]]]]]]],`, 9_000) + `[]]`,
		"names":      `{` + manyNames(100_000) + `"z":1}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := DecodeJSON([]byte(body))
		runtime.ReadMemStats(&after)
		require.Equal(t, grapevine.Invalid, grapevine.ErrorCode(err), name)
		require.ErrorContains(t, err, "10000 values", name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(6*len(body)), name)
	}
	_, err := DecodeJSON([]byte(`[` + strings.Repeat(`"`+strings.Repeat("x", 90)+`",`, 9_998) + `1]`))
	require.NoError(t, err)
	_, err = DecodeJSON([]byte(`{"notes":` + strings.Repeat("9", 1<<20) + `}`))
	require.NoError(t, err, "a number of a million digits is kept as text")
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%d":1,`, i)
	}
	return b.String()
}

func TestDecodeJSONReads(t *testing.T) {
	for body, want := range map[string]any{
		`null`:                         nil,
		`"\ud83d\ude00\\ud800"`:        "😀\\ud800",
		`[]`:                           []any{},
		`{"a":{"b":[true,"x",null]} }`: map[string]any{"a": map[string]any{"b": []any{true, "x", nil}}},
		`1e400`:                        json.Number("1e400"),
	} {
		got, err := DecodeJSON([]byte(body))
		require.NoError(t, err, body)
		require.Empty(t, cmp.Diff(want, got), body)
	}
}

// DecodeJSON and encoding/json read the same value. Otherwise a proxy could see another contact.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2,{"b":null}],"c":"\ud83d\ude00"}`, `{"a":1,"a":2}`, `"\ud800"`, `[[[]]]`, `{"\\u":"\\\\ud800"}`, "\xff", `1 2`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := DecodeJSON(body)
		if err != nil {
			require.Contains(t, []grapevine.Code{grapevine.BadRequest, grapevine.Invalid}, grapevine.ErrorCode(err))
			return
		}
		require.True(t, json.Valid(body))
		var want any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		require.NoError(t, d.Decode(&want))
		require.Empty(t, cmp.Diff(want, got))
		again, err := json.Marshal(got)
		require.NoError(t, err)
		if !bytes.Contains(body, []byte("\ufffd")) && !bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`)) {
			require.NotContains(t, string(again), "\ufffd", "no character is silently replaced")
		}
	})
}
