package api_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The same path can be written in several ways, and a character set says nothing if nobody knows it.
func TestAFileArrivesHoweverItsRequestIsWritten(t *testing.T) {
	h := newHarness(t)
	send := func(target, media string) string {
		const file = "First Name\nZo\u00eb\n"
		answers := h.raw(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", target, h.addr, media, len(file), file))
		require.Len(t, answers, 1)
		require.Equal(t, 200, answers[0].status, "%s %s: %s", target, media, answers[0].body)
		return answers[0].body
	}
	for _, target := range []string{
		"/contacts/import", "/%63ontacts/import", "/contacts/%69mpor%74?onMatch=add", "http://" + h.addr + "/contacts/import", "HTTP://" + h.addr + "/contacts/%69mport?dryRun=true",
	} {
		require.Contains(t, send(target, "text/csv"), `"read":1`)
	}
	for _, charset := range []string{"foo", "none", "iso-2022-kr", `"binary"`, "utf-8"} {
		require.Contains(t, send("/contacts/import?dryRun=true", "text/csv; charset="+charset), "Zo\u00eb", charset)
	}
	require.Contains(t, send("/contacts/import?dryRun=true", "text/csv; charset=windows-1252"), "Zo\u00c3\u00ab", "a known one counts")
}
