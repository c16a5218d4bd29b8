package edge

import (
	"bytes"
	"slices"
)

// singleHeaders are the headers that a request may have once only. Two parties that read different ones would see two
// different requests.
var singleHeaders = [][]byte{
	[]byte("Host"), []byte("Content-Length"), []byte("Content-Type"), []byte("Origin"), []byte("Sec-Fetch-Site"),
	[]byte("Sec-WebSocket-Key"), []byte("Sec-WebSocket-Version"),
}

// HeaderFault says what is wrong with the header lines of a request as they were sent, or returns "". A proxy in front
// may read such lines in another way: it may see the end of the headers, or of the body, at another place and so another
// next request. RFC 9112 allows a server to refuse all of it; fasthttp accepts it.
func HeaderFault(raw []byte) string {
	var seen [16]bool // by index in singleHeaders
	chunked, length := false, false
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n')
		if end < 0 {
			return "The headers do not end."
		}
		if end == 0 || raw[end-1] != '\r' {
			return "A header line ends with a bare line feed."
		}
		line := raw[:end-1]
		raw = raw[end+1:]
		if len(line) == 0 {
			break // the end of the headers
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		if !isToken(name) {
			return "A header line is continued on the next line, or has a name that is not a name."
		}
		if i := slices.IndexFunc(singleHeaders, func(h []byte) bool { return bytes.EqualFold(h, name) }); i >= 0 {
			if seen[i] {
				return "The header " + string(singleHeaders[i]) + " may be given once only."
			}
			seen[i] = true
		}
		length = length || bytes.EqualFold(name, []byte("Content-Length"))
		if bytes.EqualFold(name, []byte("Transfer-Encoding")) {
			if chunked || !bytes.EqualFold(bytes.Trim(value, " \t"), []byte("chunked")) {
				return "The header Transfer-Encoding can only be chunked."
			}
			chunked = true
		}
	}
	if chunked && length {
		return "A request has Content-Length or Transfer-Encoding, not both."
	}
	return ""
}

// isToken reports whether s is a token of RFC 9110, 5.6.2.
func isToken(s []byte) bool {
	for _, b := range s {
		if (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9') && bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), b) < 0 {
			return false
		}
	}
	return len(s) > 0
}
