package access

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSecrets(t *testing.T) {
	require.Regexp(t, `^[A-Za-z0-9_-]{43}$`, newSecret())
	first, second := newSecret(), newSecret()
	require.NotEqual(t, first, second)
	require.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hashSecret("abc"))
	text := newTokenText()
	require.Regexp(t, `^gv_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$`, text)
	require.True(t, hasChecksum(text))
	require.False(t, hasChecksum(text[:len(text)-1]+"!"))
	for _, other := range []string{"", "gv_", "gv_000000", text[1:], text + "0", "xx_" + text[3:]} {
		require.False(t, hasChecksum(other), other)
	}
}

func FuzzHasChecksum(f *testing.F) {
	f.Add("gv_abc")
	f.Fuzz(func(t *testing.T, text string) {
		require.True(t, hasChecksum("gv_x"+text+checksum("gv_x"+text)))
		_ = hasChecksum(text)
	})
}

// hasChecksum is what a program does that looks for leaked tokens.
func hasChecksum(text string) bool {
	end := len(text) - checksumLength
	return strings.HasPrefix(text, tokenStart) && end > len(tokenStart) && text[end:] == checksum(text[:end])
}
