package api

import "bytes"

// ambiguous reports whether a proxy before us may have seen another end of these headers, or of the
// body after them, than we did, and so another next request: a line that ends in a bare LF, or both
// ways to tell a length (RFC 9112, 2.2 and 6.3, allow to refuse either). fasthttp takes both.
func ambiguous(raw []byte) bool {
	chunked, length := false, false
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n')
		if end < 0 {
			break
		}
		if end == 0 || raw[end-1] != '\r' {
			return true
		}
		name, _, _ := bytes.Cut(raw[:end], []byte{':'})
		chunked = chunked || bytes.EqualFold(name, []byte("Transfer-Encoding"))
		length = length || bytes.EqualFold(name, []byte("Content-Length"))
		raw = raw[end+1:]
	}
	return chunked && length
}
