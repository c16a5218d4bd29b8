package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		in             string
		passed, failed int
		trouble        string
	}{
		"passed": {
			in:     `{"Action":"run","Package":"p","Test":"A"}` + "\n" + `{"Action":"pass","Package":"p","Test":"A"}` + "\n" + `{"Action":"pass","Package":"p"}`,
			passed: 1,
		},
		"failed test counts once, not again for its package": {
			in:     `{"Action":"fail","Package":"p","Test":"A"}` + "\n" + `{"Action":"fail","Package":"p"}`,
			failed: 1, trouble: "p A",
		},
		"skipped is failed": {
			in:     `{"Action":"skip","Package":"p","Test":"A"}` + "\n" + `{"Action":"pass","Package":"p"}`,
			failed: 1, trouble: "p A: skipped, which counts as failed",
		},
		"a package without tests is no skip, but alone it is no run": {
			in:     `{"Action":"skip","Package":"p"}`,
			failed: 1, trouble: "no test ran",
		},
		"a build that failed, or a leak after the last test": {
			in:     `{"Action":"pass","Package":"p","Test":"A"}` + "\n" + `{"Action":"fail","Package":"p"}`,
			passed: 1, failed: 1, trouble: "p: failed outside its tests",
		},
		"nothing at all": {in: "", failed: 1, trouble: "no test ran"},
		"not JSON":       {in: "make: *** [test] Error 1\n", failed: 1, trouble: "no test ran"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := judge(strings.NewReader(c.in), io.Discard)
			require.NoError(t, err)
			require.Equal(t, c.passed, v.passed)
			require.Equal(t, c.failed, v.failed)
			if c.trouble != "" {
				require.Equal(t, []string{c.trouble}, v.troubles)
			} else {
				require.Empty(t, v.troubles)
			}
		})
	}
}

func TestJudgeShowsWhatAFailedTestSaid(t *testing.T) {
	var out strings.Builder
	_, err := judge(strings.NewReader(
		`{"Action":"output","Package":"p","Test":"A","Output":"want 1, got 2\n"}`+"\n"+
			`{"Action":"output","Package":"p","Test":"B","Output":"all is well\n"}`+"\n"+
			`{"Action":"fail","Package":"p","Test":"A"}`+"\n"+
			`{"Action":"pass","Package":"p","Test":"B"}`+"\n"+
			"a line of a tool\n"), &out)
	require.NoError(t, err)
	require.Equal(t, "want 1, got 2\na line of a tool\n", out.String())
}
