package access

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestNormalizeEmail(t *testing.T) {
	for typed, want := range map[string]string{
		"Ada@Example.COM":            "ada@example.com",
		"ada@example.com.":           "ada@example.com",
		"ada+lists@example.com":      "ada+lists@example.com",
		"a.d.a@gmail.com":            "a.d.a@gmail.com",
		"ada@bücher.example":         "ada@xn--bcher-kva.example",
		"ada@bu\u0308cher.example":   "ada@xn--bcher-kva.example",
		"ada@XN--BCHER-KVA.example":  "ada@xn--bcher-kva.example",
		"ada@stra\u00dfe.example":    "ada@xn--strae-oqa.example",
		"ada@my_host.example":        "ada@my_host.example",
		"ada@localhost":              "ada@localhost",
		"a..b@docomo.example":        "a..b@docomo.example",
		"ada@example\u3002com\u3002": "ada@example.com",
	} {
		got, err := NormalizeEmail(typed)
		require.NoError(t, err, typed)
		require.Equal(t, want, got)
	}
	pasted, err := NormalizeEmail(" ada@example.com\n")
	require.NoError(t, err)
	require.Equal(t, "ada@example.com", pasted)
	for _, typed := range []string{
		"", "ada", "@example.com", "ada@", "a@b@c", "a b@example.com", "ad\u00e4@example.com", "\u212Aada@example.com", "ada\x00@example.com",
		"ada@example..com", "ada@example.com..", "ada@.", "ada@exa\u200bmple\uFF20.com", "ada\xff@example.com", "ada@xn--a.example",
	} {
		got, err := NormalizeEmail(typed)
		require.Equal(t, grapevine.Invalid, grapevine.ErrorCode(err), "%q: %v", typed, err)
		require.Empty(t, got)
	}
}

func FuzzNormalizeEmail(f *testing.F) {
	for _, seed := range []string{"Ada@Example.COM", "ada@bücher.example.", "\u212A@x", "a@\uFF20", "a@b\u3002", "a@xn--bcher-kva"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		normal, err := NormalizeEmail(typed)
		if err != nil {
			return
		}
		again, err := NormalizeEmail(normal)
		require.NoError(t, err, "%q", normal)
		require.Equal(t, normal, again)
		require.Regexp(t, emailPattern, normal, "the validator accepts it")
		require.LessOrEqual(t, len(normal), maxEmail)
	})
}
