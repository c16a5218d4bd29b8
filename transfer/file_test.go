package transfer

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// readAll is everything that a reader finds.
func readAll(read reader, body []byte) (lines []line, fieldErrors []grapevine.FieldError) {
	var fileErrors FileErrors
	read(body, func(l line) bool {
		if l.unreadable != "" {
			fileErrors.Add(LinePointer(l.number), l.unreadable)
		} else {
			lines = append(lines, l)
		}
		return true
	}, &fileErrors)
	return lines, fileErrors.List()
}

// A reader stops at the limit of contacts.
func TestReadStopsAtTheLimit(t *testing.T) {
	for media, file := range map[string]string{
		CSV:       "firstName\n" + strings.Repeat("A\n", 3),
		JSONLines: strings.Repeat(`{"firstName":"A"}`+"\n", 3),
		VCard:     strings.Repeat("BEGIN:VCARD\nVERSION:4.0\nFN:A\nEND:VCARD\n", 3),
	} {
		exact, short := Read([]byte(file), media, "w", 3), Read([]byte(file), media, "w", 2)
		require.False(t, exact.TooMany, media)
		require.Len(t, exact.Contacts, 3, media)
		require.True(t, short.TooMany, media)
		require.Len(t, short.Contacts, 2, media)
	}
}

// A file in which everything is wrong costs little more memory than its text.
func TestWrongFilesNeedLittleMemory(t *testing.T) {
	const size = 1 << 20
	fill := func(head, line string) string { return head + strings.Repeat(line, (size-len(head))/len(line)) }
	for name, file := range map[string]struct{ media, body string }{
		"rows":                  {CSV, fill("lastName,email,phone,notes\n", "x,,,\n")},
		"columns":               {CSV, fill("", "x,")},
		"lines of JSON":         {JSONLines, fill("", "{\n")},
		"members of one object": {JSONLines, fill("", `{"x":1}`+"\n")},
		"columns of one name":   {CSV, fill("", "name,")},
		"one long line":         {CSV, fill("firstName\n", "x")},
		"lists in a cell":       {CSV, fill("firstName,tags\nA,", ";")},
		"cards":                 {VCard, fill("", "BEGIN:VCARD\nEND:VCARD\n")},
		"cards without an end":  {VCard, fill("", "BEGIN:VCARD\n")},
	} {
		t.Run(name, func(t *testing.T) {
			body := []byte(file.body)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			found := Read(body, file.media, "w", 5000)
			runtime.GC()
			runtime.ReadMemStats(&after)
			require.LessOrEqual(t, len(found.Errors.List()), maxErrors+1)
			require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(2*size), "what is kept")
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(150*size), "what is made and thrown away")
			runtime.KeepAlive(found)
		})
	}
}
