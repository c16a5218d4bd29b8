package grapevine

import "strings"

// codingSeparators are the characters that a proxy puts between an entity tag and the name of the coding with which it
// compressed the answer: "t-gzip" (Apache, Caddy, Traefik), "t--gzip" (Jetty), "t;br" (LiteSpeed).
const codingSeparators = "-;:+._"

// ETagMatches reports whether one of the entity tags that a request names is etag, or is "*". It is the only place that
// compares entity tags, for If-Match and for If-None-Match.
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
