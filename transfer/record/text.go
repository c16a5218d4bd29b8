package record

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ManyLines cleans a text that may have several lines: no character that nobody sees, a line feed for each line break.
func ManyLines(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
			return '\n'
		case '\n', '\t':
			return r
		case '\u200b', '\u2060', '\ufeff': // blanks without width
			return -1
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// OneLine cleans a text of one line. A line break or a tab becomes a blank.
func OneLine(text string) string {
	text = ManyLines(text)
	if !strings.ContainsAny(text, "\n\t") {
		return text
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\t' })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Key is what is compared of a word or a title: letters and digits, in lower case and without accents.
func Key(text string) string {
	var key strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case r == 'ß':
			key.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			key.WriteRune(r)
		}
	}
	return key.String()
}

// Shorten keeps a note short.
func Shorten(text string) string {
	const most = 60
	count := 0
	for i := range text {
		if count == most {
			return text[:i] + "…"
		}
		count++
	}
	return text
}
