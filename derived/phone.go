package derived

import (
	"slices"
	"strings"
)

// Bounds of phone numbers.
const (
	minDigits = 3 // that a search needs; + counts as 00
	maxDigits = 32
)

// Each entry of [Form.Phones] is one form of a number, with a mark in front, so that a start or an end of the number is a
// start of an entry. A national number with its trunk zero and one whose country is known without it have no mark.
const (
	international = "+" // with the country's code
	noCountry     = "~" // without country's code and trunk zero, of a number whose country is not known
	reversed      = "-" // the digits from the last to the first
)

// number is what the text of a phone number says.
type number struct {
	written   string // all digits
	digits    string // without international prefix; without trunk zero if the country is known
	country   int    // digits of the country's code; zero if the country is not known
	extension int    // digits of the extension
}

// parseNumber reads the digits of a text. Letters behind the number begin an extension.
func parseNumber(s string) number {
	var digits []byte
	plus, main := false, 0
	text := strings.ReplaceAll(Fold(s), " ", "")
	for i := 0; i < len(text) && len(digits) < maxDigits; i++ {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			digits = append(digits, c)
		case len(digits) == 0:
			plus = plus || c == '+'
		case strings.HasPrefix(text[i:], "(0)"): // the trunk zero behind a country's code
			i += len("(0)") - 1
		case main == 0 && len(digits) >= minDigits && ('a' <= c && c <= 'z' || c == ';' || c == '#'):
			main = len(digits)
		}
	}
	n := number{written: string(digits), digits: string(digits)}
	if main > 0 {
		n.extension = len(digits) - main
	}
	if !plus && len(digits) > len("00") && strings.HasPrefix(n.digits, "00") {
		n.digits, plus = n.digits[len("00"):], true
	}
	if plus && n.digits != "" {
		n.country = countryCode(n.digits)
		code, rest := n.digits[:n.country], n.digits[n.country:]
		n.digits = code + strings.TrimPrefix(rest, "0")
	}
	return n
}

// countryCodes are the codes of one and two digits. All others have three.
const countryCodes = " 1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

// countryCode is the number of digits of the country's code at the start of an international number.
func countryCode(digits string) int {
	for n := 1; n < min(len(digits), 3); n++ {
		if strings.Contains(countryCodes, " "+digits[:n]+" ") {
			return n
		}
	}
	return min(len(digits), 3)
}

// phoneEntries returns the entries of [Form.Phones] for one phone number.
func phoneEntries(s string) []string {
	n := parseNumber(s)
	if len(n.digits) < minDigits {
		return nil
	}
	entries := []string{reversed + reverse(n.digits)}
	if n.extension > 0 {
		entries = append(entries, reversed+reverse(n.digits[:len(n.digits)-n.extension]))
	}
	if n.country == 0 {
		national := strings.TrimPrefix(n.digits, "0")
		return append(entries, "0"+national, noCountry+national)
	}
	national := n.digits[n.country:]
	return append(entries, international+n.digits, "0"+national, national)
}

// phoneStarts returns the starts of entries that a searched number finds. nil: it has too few digits.
func phoneStarts(s string) []string {
	n := parseNumber(s)
	switch {
	case n.country > 0:
		starts := []string{international + n.digits, noCountry + n.digits} // the latter was written without its +
		if national := n.digits[n.country:]; len("0"+national) >= minDigits {
			starts = append(starts, noCountry+national)
		}
		if strings.HasPrefix(n.written, "00") { // they may also be the end of a number
			starts = append(starts, reversed+reverse(n.written))
		}
		return starts
	case len(n.digits) < minDigits:
		return nil
	case n.digits[0] == '0':
		return []string{n.digits, reversed + reverse(n.digits)}
	}
	starts := []string{n.digits, international + n.digits, noCountry + n.digits, reversed + reverse(n.digits)}
	code := countryCode(n.digits)
	if national, ok := strings.CutPrefix(n.digits[code:], "0"); ok && len(national) >= minDigits-1 { // a country's code without + and a trunk zero
		starts = append(starts, international+n.digits[:code]+national)
	}
	return starts
}

func reverse(digits string) string {
	b := []byte(digits)
	slices.Reverse(b)
	return string(b)
}
