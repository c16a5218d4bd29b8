package edge

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeaderFault(t *testing.T) {
	for headers, says := range map[string]string{
		"":     "",
		"\r\n": "",
		"Host: a\r\nAccept: b\r\nAccept: c\r\n\r\n":  "",
		"Transfer-Encoding: Chunked \r\n\r\n":        "",
		"If-Match: \"a\"\r\nIf-Match: \"b\"\r\n\r\n": "",
		"A: b\n\r\n":                     "bare line feed",
		"A: b":                           "do not end",
		"A: b\r\n c\r\n\r\n":             "continued",
		"A: b\r\n\tc: d\r\n\r\n":         "continued",
		"A b: c\r\n\r\n":                 "not a name",
		": c\r\n\r\n":                    "not a name",
		"Ä: c\r\n\r\n":                   "not a name",
		"Host: a\r\nhost: a\r\n\r\n":     "Host may be given once",
		"Origin: a\r\nOrigin: a\r\n\r\n": "Origin may be given once",
		"sec-fetch-site: a\r\nSec-Fetch-Site: b\r\n\r\n":                   "Sec-Fetch-Site may be given once",
		"Content-Type: a\r\nContent-Type: b\r\n\r\n":                       "Content-Type may be given once",
		"Content-Length: 1\r\nContent-Length: 1\r\n\r\n":                   "Content-Length may be given once",
		"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n":          "not both",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n": "only be chunked",
		"Transfer-Encoding: identity\r\n\r\n":                              "only be chunked",
		"Transfer-Encoding: gzip, chunked\r\n\r\n":                         "only be chunked",
	} {
		fault := HeaderFault([]byte(headers))
		require.Equal(t, says == "", fault == "", "%q: %s", headers, fault)
		require.Contains(t, fault, says, "%q", headers)
	}
}
