package password

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRules(t *testing.T) {
	const email = "ada@example.test"
	for _, c := range []struct{ name, password, problem string }{
		{"twelve characters", "grape-harves", ""},
		{"eleven characters", "grape-harve", "at least 12"},
		{"nothing", "", "at least 12"},
		{"128 characters", strings.Repeat("ab3-", 32), ""},
		{"129 characters", strings.Repeat("ab3-", 32) + "x", "at most 128"},
		{"characters are counted, not bytes", "žluťoučký ků", ""},
		{"128 of four bytes each", strings.Repeat("🍇", 128), ""},
		{"spaces count as typed", "   a pear   ", ""},
		{"common", "qwerty123456", "most common"},
		{"common in capitals", "1QAZ2wsx3EDC", "most common"},
		{"part of a common one", "werty1234567", ""},
		{"two lines of the list", "123456\npassword", ""},
		{"the e-mail", email, "e-mail"},
		{"the e-mail in capitals", "ADA@example.test", "e-mail"},
		{"the e-mail and more", email + "!", ""},
		{"not UTF-8", "grape-harves\xff", "UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Problem(c.password, email)
			if c.problem == "" {
				require.Empty(t, got)
				return
			}
			require.Contains(t, got, c.problem)
		})
	}
}

func TestTheListIsInLowerCaseAndLong(t *testing.T) {
	require.Equal(t, strings.ToLower(common), common)
	lines := strings.Split(strings.TrimSuffix(common, "\n"), "\n")
	require.Greater(t, len(lines), 10_000)
	require.True(t, isCommon(lines[0]))
	require.True(t, isCommon(lines[len(lines)-1]))
}
