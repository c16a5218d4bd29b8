package edge

import "bytes"

// AmbiguousFraming reports whether a proxy in front of this server may see the end of these headers, or of their body,
// at another place. The proxy would then also see another next request. Two things cause that: a line that ends in a
// bare LF, and Transfer-Encoding together with Content-Length. RFC 9112, 2.2 and 6.3, allows a server to refuse both;
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
