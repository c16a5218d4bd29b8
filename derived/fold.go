// Package derived makes the part of a contact that follows from its other fields: the texts that order lists, the words
// and phone numbers that a search finds, and the facets that filters select. It also holds the parts of a search that
// need no database. Everything here is pure.
package derived

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// NoText is the sort text of a contact without a name, or without a company. It comes after every other text.
const NoText = "\U0010ffff"

// MaxSortText is the number of characters of a sort text. Longer texts are equal in their order if they begin with the same.
const MaxSortText = 300

// apostrophes are the characters that people use for an apostrophe, in the form of NFKD.
const apostrophes = "'`‘’‛′‵ʹʻʼʽʾʿˈˊˋ՚׳״Ꞌꞌ"

// digitZeros are the zeros of other scripts. The digits follow in each script.
const digitZeros = "٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐"

// plainLetters are the letters that people type in another way and that Unicode does not decompose.
var plainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ð': "d", 'đ': "d", 'ɖ': "d", 'ɗ': "d", 'ɓ': "b", 'ƙ': "k", 'ƴ': "y",
	'ł': "l", 'ø': "o", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ə': "e", 'ǝ': "e", 'ǥ': "g", 'ƶ': "z", 'ĸ': "k",
}

// spacingAccents are accents that stand alone, in the form of NFKD. People use them for an apostrophe.
var spacingAccents = strings.NewReplacer(" \u0301", "'", " \u0313", "'", " \u0314", "'")

// Fold returns the text as lists order it and as searches compare it. Texts that differ only in case, in the accents of
// Latin and Greek letters, in the vowel signs of Arabic and Hebrew, in apostrophes, in width, in white space or in their Unicode
// form have the same folded text. So have ß and ss, and the other letters of plainLetters. Characters that cannot be seen are left
// out, and digits of all scripts become ASCII digits. Other marks stay, because й is not и and が is not か; see isStress for
// Cyrillic letters. Punctuation stays.
//
// The order of the bytes of folded texts puts digits before letters, and Latin before Greek, Cyrillic and CJK.
// web/static/assets/js/fold.js is the same function for the page.
func Fold(s string) string {
	if folded, ok := foldFast(s); ok {
		return folded
	}
	return foldAny(s)
}

// foldAny is Fold for every text.
func foldAny(s string) string {
	decomposed := s
	if !isASCII(s) {
		decomposed = spacingAccents.Replace(norm.NFKD.String(s))
	}
	folded := make([]byte, 0, len(decomposed))
	keepsMarks, blank := false, false
	var letter rune // that the marks belong to, if it keeps them
	for _, r := range decomposed {
		switch {
		case r < utf8.RuneSelf && isLowerOrDigit(byte(r)): // the most frequent case
			keepsMarks = false
		case unicode.IsSpace(r) || unicode.Is(unicode.Z, r) || unicode.IsControl(r):
			keepsMarks, blank = false, true
			continue
		case strings.ContainsRune(apostrophes, r) || isIgnorable(r):
			continue
		case unicode.IsMark(r):
			if keepsMarks && !isStress(letter, r) {
				folded = utf8.AppendRune(folded, r)
			}
			continue
		default:
			keepsMarks, letter = unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Arabic, unicode.Hebrew), unicode.ToLower(r)
		}
		if blank && len(folded) > 0 {
			folded = append(folded, ' ')
		}
		blank = false
		folded = appendFolded(folded, r)
	}
	if isASCII(string(folded)) {
		return string(folded)
	}
	return norm.NFC.String(string(folded))
}

// isStress reports whether people leave out the mark of a Cyrillic letter: the stress of a vowel, and the dots of ё.
func isStress(letter, mark rune) bool {
	switch mark {
	case '\u0300', '\u0301':
		return strings.ContainsRune("аеиоуыэюяіє", letter)
	case '\u0308':
		return letter == 'е'
	}
	return false
}

// appendFolded appends r without its case. Two conversions fold letters that have two lower-case forms, such as σ and ς.
func appendFolded(folded []byte, r rune) []byte {
	r = unicode.ToLower(unicode.ToUpper(r))
	if plain, ok := plainLetters[r]; ok {
		return append(folded, plain...)
	}
	if r >= utf8.RuneSelf && unicode.IsDigit(r) {
		for _, zero := range digitZeros {
			if zero <= r && r <= zero+9 {
				r += '0' - zero
				break
			}
		}
	}
	return utf8.AppendRune(folded, r)
}

// SortText returns the folded text without the punctuation and symbols in front of it, so that “Acme” stands at A.
// A text without letters and digits keeps them. An empty text gives "".
func SortText(s string) string {
	folded := Fold(firstCharacters(s, grapevine.MaxName))
	return firstCharacters(cmp.Or(strings.TrimLeftFunc(folded, isSeparator), folded), MaxSortText)
}

// firstCharacters bounds the work, because a text that somebody stored in MongoDB can have any length.
func firstCharacters(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

const tatweel = 'ـ' // stretches an Arabic word

// isIgnorable reports characters that cannot be seen, such as soft hyphens and marks of direction, and the tatweel.
func isIgnorable(r rune) bool {
	return r == tatweel || r >= utf8.RuneSelf && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isSeparator reports a character that is no part of a word.
func isSeparator(r rune) bool {
	if r < utf8.RuneSelf {
		return !isLowerOrDigit(byte(r)) && (r < 'A' || r > 'Z')
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.N)
}

func isLowerOrDigit(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
