package vcards_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/transfer/vcards"
)

// repeated is a text many times, without the memory for it.
type repeated struct {
	text string
	left int
	rest string
}

func (r *repeated) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if r.rest == "" {
			if r.left == 0 {
				return n, io.EOF
			}
			r.left--
			r.rest = r.text
		}
		copied := copy(b[n:], r.rest)
		n, r.rest = n+copied, r.rest[copied:]
	}
	return n, nil
}

// A hostile file takes time in proportion to its size, and a bounded amount of memory.
func TestHostileFiles(t *testing.T) {
	const begin, end = "BEGIN:VCARD\nVERSION:4.0\nFN:A\n", "\nEND:VCARD\n"
	for name, test := range map[string]struct {
		before, text string
		n            int
		after        string
		rows         int
	}{
		"349,000 folds":                {begin + "NOTE:x", "\n y", 349_000, end, 1},
		"a line of 10 MB":              {begin + "NOTE:", "0123456789", 1 << 20, end, 1},
		"a name of 10 MB":              {begin, "0123456789", 1 << 20, end, 1},
		"a label of 10 MB":             {begin + "ADR;LABEL=\"", "0123456789", 1 << 20, "\":;;x" + end, 1},
		"100,000 cards without an end": {"", begin, 100_000, "", 100_000},
		"20,000 cards in cards":        {begin, "AGENT:\nBEGIN:VCARD\n", 20_000, end, 1},
		"100,000 unfinished events":    {begin, "BEGIN:VEVENT\n", 100_000, end, 1},
		"200,000 properties":           {begin, "TEL:1\n", 200_000, end, 1},
		"20,000 different properties":  {begin, "X-ABC:01234567890123456789\nitem1.X-ABLABEL:x\nEMAIL:a,b@c@d\n", 20_000, end, 1},
		"200,000 tags":                 {begin + "CATEGORIES:", "a b c,", 200_000, end, 1},
		"200,000 components":           {begin + "ADR:", "a;b,", 200_000, end, 1},
		"200,000 parameters":           {begin + "TEL", ";TYPE=a", 200_000, ":1" + end, 1},
		"200,000 lines without sense":  {begin, "xyz\n", 200_000, end, 1},
		"200,000 lines behind notes":   {begin, "NOTE:a\nx\ny\nz\n", 50_000, end, 1},
		"a group of 50,000":            {"BEGIN:VCARD\nKIND:group\nFN:G\n", "MEMBER:urn:uuid:1\n", 50_000, end, 0},
		"100,000 groups":               {"", "BEGIN:VCARD\nKIND:group\nFN:G\nMEMBER:urn:uuid:1" + end, 100_000, "", 1},
		"soft line breaks":             {begin + "NOTE;QUOTED-PRINTABLE:x", "=\n=41", 200_000, end, 1},
	} {
		t.Run(name, func(t *testing.T) {
			file := func() io.Reader {
				return io.MultiReader(strings.NewReader(test.before), &repeated{text: test.text, left: test.n}, strings.NewReader(test.after))
			}
			watch := realtest.StartStopwatch(t)
			most, before := uint64(0), heap()
			groups, err := vcards.FindGroups(file(), false)
			require.NoError(t, err)
			r := vcards.NewReader(file(), groups, false)
			found := 0
			for {
				row, err := r.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				if found%10_000 == 0 {
					most = max(most, heap())
				}
				require.LessOrEqual(t, len(row.Notes), 200)
				found++
			}
			most = max(most, heap())
			require.Equal(t, test.rows, found)
			require.Less(t, most, before+(64<<20))
			require.Less(t, watch.Stop(), watch.Allow(10*time.Second))
		})
	}
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
