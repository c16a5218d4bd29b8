package tables

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func rowsOf(t *testing.T, file string) (rows []string) {
	t.Helper()
	r := rowReader{lines: newLineReader(bufio.NewReaderSize(strings.NewReader(file), sampleBytes)), separator: ','}
	for {
		row, err := r.next()
		if err != nil {
			require.ErrorContains(t, err, "EOF")
			return rows
		}
		text := fmt.Sprintf("%d %s", row.line, strings.Join(row.cells, "|"))
		if row.note+row.skipped != "" {
			text += " !"
		}
		rows = append(rows, strings.ReplaceAll(text, "\n", "/"))
	}
}

func TestRows(t *testing.T) {
	for file, want := range map[string][]string{
		"a,b\nc,d":                                    {"1 a|b", "2 c|d"},
		"a,b\r\n\r\nc,d\r\n":                          {"1 a|b", "2 ", "3 c|d"},
		"a,b\rc,d\r":                                  {"1 a|b", "2 c|d"},
		"a,b\r\"c\nd\",e\rf,g":                        {"1 a|b", "2 c/d|e", "4 f|g"},
		"a\r\r\nb\r\r\n":                              {"1 a\r", "2 b\r"},
		"\"x\ny\",\"z\"\nend":                         {"1 x/y|z", "3 end"},
		"\"x \"\"y\"\", z\",\"\"":                     {"1 x \"y\", z|"},
		"Rob \"Bobby\",27\" monitor":                  {"1 Rob \"Bobby\"|27\" monitor"},
		"\"Jo\" Ann,Lake":                             {"1 Jo Ann|Lake"},
		"\"Jo\" Ann,\"Lake\"":                         {"1 Jo Ann|Lake"},
		"\"27\" monitor\",x":                          {"1 27\" monitor|x"},
		"a, \"b, c\" ,d":                              {"1 a|b, c|d"},
		"=\"0,1\",x":                                  {"1 0,1|x"},
		"a,\"open, b\nc,d\ne,f\n":                     {"1 a|open| b !", "2 c|d", "3 e|f"},
		"a,\"open\n\"c\",\"d\"\n":                     {"1 a|open !", "2 c|d"},
		"\"x\ny\",\"open\nc,d\n":                      {"1 x/y|open !", "3 c|d"},
		"a,\"open":                                    {"1 a|open !"},
		"a\n" + strings.Repeat("x", 2<<20) + "\nb":    {"1 a", "2  !", "3 b"},
		"a,\"" + strings.Repeat("x\n", 1<<20) + "b\n": nil,
	} {
		got := rowsOf(t, file)
		if want == nil {
			require.Greater(t, len(got), 1<<19)
			continue
		}
		require.Equal(t, want, got, "%.40q", file)
	}
}

// Each row opens a quote that a later row seems to go on with.
func TestRowsWithOpenQuotesTakeLinearTime(t *testing.T) {
	require.Len(t, rowsOf(t, strings.Repeat("a,\"\"\"b\"\"\n", 100_000)), 100_000)
}
