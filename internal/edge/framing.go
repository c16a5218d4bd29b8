package edge

import "bytes"

// AmbiguousFraming reports whether a proxy in front of this server may see another end of these
// headers, or of the body after them, and so another next request. That is a line ending in a bare
// LF, or both Transfer-Encoding and Content-Length. RFC 9112, 2.2 and 6.3, allows to refuse both;
// fasthttp accepts them.
func AmbiguousFraming(rawHeaders []byte) bool {
	chunked, length := false, false
	for len(rawHeaders) > 0 {
		end := bytes.IndexByte(rawHeaders, '\n')
		if end < 0 {
			break
		}
		if end == 0 || rawHeaders[end-1] != '\r' {
			return true
		}
		name, _, _ := bytes.Cut(rawHeaders[:end], []byte{':'})
		chunked = chunked || bytes.EqualFold(name, []byte("Transfer-Encoding"))
		length = length || bytes.EqualFold(name, []byte("Content-Length"))
		rawHeaders = rawHeaders[end+1:]
	}
	return chunked && length
}
