package edge

import (
	"slices"
	"strings"
)

// OriginForm returns the target of a request line as a path with its query, in the form that routes compare: without
// scheme and host, and with every unreserved character of the path as itself (RFC 3986, 6.2.2.2), so that `/%63ontacts`
// is `/contacts`. Escapes of other characters stay, so `%2F` never separates two segments. fault says why a target is
// refused; then target is returned unchanged. The target of `OPTIONS *` stays as it is.
func OriginForm(target, host string) (path, fault string) {
	if target == "*" {
		return target, ""
	}
	if strings.Contains(target, "#") {
		return target, "The target of a request has no fragment."
	}
	path = target
	if !strings.HasPrefix(target, "/") {
		scheme, rest, absolute := strings.Cut(target, "://")
		if !absolute || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
			return target, "The target of a request is a path or a URL of this server."
		}
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		if !strings.EqualFold(rest[:end], host) {
			return target, "The target of the request and the header Host name two different servers."
		}
		if path = rest[end:]; !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
	}
	raw, query, hasQuery := strings.Cut(path, "?")
	if raw, fault = unescapeUnreserved(raw); fault != "" {
		return target, fault
	}
	if hasQuery {
		raw += "?" + query
	}
	return raw, ""
}

// unescapeUnreserved replaces the escapes of letters, digits and `-._~`.
func unescapeUnreserved(path string) (plain, fault string) {
	if !strings.Contains(path, "%") {
		return path, ""
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			b.WriteByte(path[i])
			continue
		}
		if i+2 >= len(path) || hexValue(path[i+1]) < 0 || hexValue(path[i+2]) < 0 {
			return path, "The path has a percent sign that is not followed by two hexadecimal digits."
		}
		c := byte(hexValue(path[i+1])<<4 | hexValue(path[i+2]))
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(path[i : i+3]))
		}
		i += 2
	}
	return b.String(), ""
}

// hexValue is the value of a hexadecimal digit, or -1.
func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// IsOddPath reports whether a path has a segment that is empty, `.` or `..`. Servers disagree on what such a path names,
// so rules of a proxy for one path could be passed with another. An empty last segment is an ordinary slash at the end.
func IsOddPath(path string) bool {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	return slices.ContainsFunc(segments[:len(segments)-1], func(s string) bool { return s == "" }) ||
		slices.ContainsFunc(segments, func(s string) bool { return s == "." || s == ".." })
}
