package web

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	// ownLineComment matches a /** */ comment or a // comment that stands alone on its lines. No text may have such a line.
	ownLineComment = regexp.MustCompile(`(?m)^[ \t]*(?:/\*\*(?:[^*]|\*+[^*/])*\*+/[ \t]*|//.*)$`)
	// ownStylesheet is the tag of a stylesheet that is not vendored.
	ownStylesheet = regexp.MustCompile(`[ \t]*<link rel="stylesheet" href="` + regexp.QuoteMeta(placeholder) + `(css/[^"]+)" />\n`)
)

// withoutComments removes the comments of a module that have lines for themselves. They are for readers of the repository, and
// a third of what a browser would load. The lines keep their numbers.
func withoutComments(module []byte) []byte {
	return ownLineComment.ReplaceAllFunc(module, func(comment []byte) []byte {
		return bytes.Repeat([]byte("\n"), bytes.Count(comment, []byte("\n")))
	})
}

// joinStyles replaces the page's own stylesheets by one with all of them, in their order. It returns the page and that
// stylesheet, which the page expects at name.
func joinStyles(html []byte, name string, assets map[string]asset) (page, styles []byte) {
	first := ownStylesheet.FindIndex(html)
	if first == nil {
		return html, nil
	}
	for _, tag := range ownStylesheet.FindAllSubmatch(html, -1) {
		styles = append(styles, assets["assets/"+string(tag[1])].plain...)
	}
	tag := "    <link rel=\"stylesheet\" href=\"" + placeholder + strings.TrimPrefix(name, "assets/") + "\" />\n"
	page = append(bytes.Clone(html[:first[0]]), tag...)
	return append(page, ownStylesheet.ReplaceAll(html[first[0]:], nil)...), styles
}
