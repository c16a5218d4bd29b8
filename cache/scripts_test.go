package cache

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache/rollback"
)

func TestParseVersion(t *testing.T) {
	s, err := parseVersion("X:12", "18446744073709551615-18446744073709551614")
	require.NoError(t, err)
	require.Equal(t, rollback.Version{Generation: "X", PurgeCount: 12, Position: grapevine.Position{Time: 1<<64 - 1, N: 1<<64 - 2}}, s)
	s, err = parseVersion("X:0", "")
	require.NoError(t, err)
	require.Equal(t, rollback.Version{Generation: "X"}, s)
	for _, bad := range [][2]string{{"", ""}, {"X", ""}, {"X:", ""}, {"X:-1", ""}, {"X:1", "7"}, {"X:1", "07-1"}} {
		_, err := parseVersion(bad[0], bad[1])
		require.Error(t, err, "%q", bad)
	}
}

func FuzzParseReply(f *testing.F) {
	f.Add("X:0", "7571873042433146880-0", int64(1), "value")
	f.Add("", "", int64(0), "")
	f.Fuzz(func(t *testing.T, epoch, at string, hit int64, text string) {
		r, err := parseGetReply([]any{epoch, at, hit, text})
		if err == nil && r.hit && string(r.value) != text {
			t.Errorf("%q became %q", text, r.value)
		}
		if err == nil && at != "" && r.version.Position.String() != at {
			t.Errorf("position %q became %s", at, r.version.Position)
		}
	})
}
