package grapevine

import (
	"slices"
	"strings"
)

// codingSeparators are the characters that a proxy puts between an entity tag and the name of the coding with which it
// compressed the answer: "t-gzip" (Apache, Caddy, Traefik), "t--gzip" (Jetty), "t;br" (LiteSpeed).
const codingSeparators = "-;:+._"

// ParseETags reads the value of If-Match or If-None-Match (RFC 9110, 13.1): "*", or a list of entity
// tags, returned as written, with W/.
func ParseETags(s string) (tags []string, ok bool) {
	s = strings.Trim(s, " \t")
	if s == "*" {
		return []string{"*"}, true
	}
	for {
		s = strings.TrimLeft(s, " \t,")
		if s == "" {
			return tags, len(tags) > 0
		}
		tag := s
		opaque := strings.TrimPrefix(s, "W/")
		if opaque == "" || opaque[0] != '"' {
			return nil, false
		}
		end := strings.IndexByte(opaque[1:], '"')
		if end < 0 || strings.ContainsFunc(opaque[1:1+end], func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return nil, false
		}
		tag = tag[:len(tag)-len(opaque)+end+2]
		s = strings.TrimLeft(s[len(tag):], " \t")
		if s != "" && s[0] != ',' {
			return nil, false
		}
		tags = append(tags, tag)
	}
}

// ETagMatches reports whether one of the entity tags that a request names is etag, or is "*". It is the only rule
// for entity tags, of If-Match and of If-None-Match.
//
// A proxy that compresses an answer marks its entity tag: it makes the tag weak (nginx) or adds the name of the coding.
// The client sends the tag back as it got it. It still names the same version, because ours is a hash of the stored
// document and is whole in it. A strict comparison would refuse every edit behind such a proxy.
func ETagMatches(tags []string, etag string) bool {
	version := strings.TrimSuffix(strings.TrimPrefix(etag, "W/"), `"`)
	for _, tag := range tags {
		if tag == "*" {
			return true
		}
		if rest, ours := strings.CutPrefix(strings.TrimPrefix(tag, "W/"), version); ours && (rest == `"` || isCodingSuffix(rest)) {
			return true
		}
	}
	return false
}

// isCodingSuffix reports whether s is the end of an entity tag after the version: separators, the name of a coding and
// the closing quote.
func isCodingSuffix(s string) bool {
	name := strings.TrimLeft(s, codingSeparators)
	name, closed := strings.CutSuffix(name, `"`)
	const longestName = 16
	return closed && len(s) > len(name)+1 && len(name) <= longestName && strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) < 0
}

// gzipSuffix is the end of the entity tag of an answer that Grapevine compressed.
const gzipSuffix = "-gzip"

// GzipETag is the entity tag that an answer with the entity tag etag has once it is compressed: "t-gzip" for "t". RFC 9110
// (8.8.3) asks for one of its own.
func GzipETag(etag string) string {
	version, quoted := strings.CutSuffix(etag, `"`)
	if !quoted {
		return etag
	}
	return version + gzipSuffix + `"`
}

// NotModifiedETag is the entity tag of a 304 to a request that names tags, where etag is that of the answer as it is. It is
// the compressed one if the client names that one and accepts gzip.
func NotModifiedETag(tags []string, etag string, acceptsGzip bool) string {
	compressed := GzipETag(etag)
	if acceptsGzip && slices.ContainsFunc(tags, func(tag string) bool { return strings.TrimPrefix(tag, "W/") == compressed }) {
		return compressed
	}
	return etag
}
