package edge

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequestID(t *testing.T) {
	require.True(t, validRequestID("01J-abc_DEF.9"))
	for _, s := range []string{"", "a b", "a\nb", "<script>", string(make([]byte, 65)), "é"} {
		require.False(t, validRequestID(s), "%q", s)
	}
}
