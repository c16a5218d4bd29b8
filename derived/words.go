package derived

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the words of a contact.
const (
	maxWord     = 48  // characters; a longer word is cut, in contacts and in searches
	maxSuffixes = 32  // words of one run of Chinese, Japanese or Korean characters
	maxWords    = 512 // of one contact; names come first, then e-mails
)

// Words returns the words by which a search finds the text: folded, without repetition. A word is a run of letters,
// digits and their marks. A run of Chinese, Japanese or Korean characters gives a word from each of its characters to its end, so that
// the start of a word is any part of the run: 山田太郎 gives 山田太郎, 田太郎, 太郎 and 郎. A text with an @ also gives what
// follows from the start of each of its words, so that one comparison finds a whole address or a domain:
// ada@example.com gives ada, ada@example.com, example, example.com and com.
func Words(s string) []string {
	words := make([]string, 0, 8)
	for chunk := range strings.FieldsSeq(Fold(s)) {
		isAddress := strings.Contains(chunk, "@")
		for _, at := range split(chunk) {
			word := chunk[at.start:at.end]
			words = append(words, firstCharacters(word, maxWord))
			if at.anyPart {
				words = append(words, suffixes(word)...)
			}
			if rest := strings.TrimRightFunc(chunk[at.start:], isSeparator); isAddress && rest != word {
				words = append(words, firstCharacters(rest, maxWord))
			}
		}
	}
	return unique(words)
}

// unspacedName is a person's last and first name as people write them in scripts that have no blank between them, or "".
func unspacedName(last, first string) string {
	if isASCII(last) || isASCII(first) { // the most frequent case
		return ""
	}
	for _, r := range last + first {
		if !isAnyPart(r) && !unicode.IsMark(r) {
			return ""
		}
	}
	return last + first
}

const maxCompared = 32 // texts that are compared with each other; a larger list is looked up

// unique drops what repeats an earlier text, and keeps the order.
func unique(list []string) []string {
	if len(list) <= maxCompared {
		kept := list[:0]
		for _, text := range list {
			if !slices.Contains(kept, text) {
				kept = append(kept, text)
			}
		}
		return kept
	}
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(s string) bool {
		repeated := seen[s]
		seen[s] = true
		return repeated
	})
}

// span is the place of a word in a text.
type span struct {
	start, end int
	anyPart    bool // the word is a run of characters of a script that has no blanks between words
}

// split finds the words of a folded text. A run of Chinese, Japanese or Korean characters is a word of its own.
func split(folded string) []span {
	var spans []span
	inWord := false
	for i, r := range folded {
		end := i + utf8.RuneLen(r)
		switch {
		case isSeparator(r):
			inWord = false
		case inWord && (unicode.IsMark(r) || isAnyPart(r) == spans[len(spans)-1].anyPart):
			spans[len(spans)-1].end = end
		default:
			spans = append(spans, span{i, end, isAnyPart(r)})
			inWord = true
		}
	}
	return spans
}

// suffixes returns what follows from each character of a run but the first.
func suffixes(run string) []string {
	var list []string
	for i, r := range run {
		if i > 0 && !unicode.IsMark(r) {
			list = append(list, firstCharacters(run[i:], maxWord))
		}
		if len(list) == maxSuffixes {
			break
		}
	}
	return list
}

const prolongedSound = 'ー' // belongs to both Hiragana and Katakana

func isAnyPart(r rune) bool {
	return r == prolongedSound || r > unicode.MaxLatin1 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo)
}
