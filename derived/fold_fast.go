package derived

import "strings"

// fastFolds has the folded text of each character before fastEnd, and slow for those that need a look at what is beside
// them. No combining mark is before fastEnd, so the characters of such a text fold one by one.
var fastFolds = func() (table [fastEnd]string) {
	for r := range rune(fastEnd) {
		table[r] = slow
		if folded := foldAny(string(r)); isASCII(folded) && foldAny("a"+string(r)+"b") == "a"+folded+"b" && foldAny("é"+string(r)+"\u0301") == "e"+folded {
			table[r] = folded
		}
	}
	return table
}()

const (
	fastEnd = 0x250
	slow    = "\x00"
)

// foldFast is [Fold] for the frequent texts. ok is false if it cannot fold the text.
func foldFast(s string) (folded string, ok bool) {
	if isFolded(s) {
		return s, true
	}
	text := make([]byte, 0, len(s)+8)
	blank := false
	for _, r := range s {
		switch {
		case r == ' ':
			blank = true
			continue
		case r >= fastEnd || fastFolds[r] == slow:
			return "", false
		case fastFolds[r] == "":
			continue
		case blank && len(text) > 0:
			text = append(text, ' ')
		}
		blank = false
		text = append(text, fastFolds[r]...)
	}
	return string(text), true
}

// isFolded reports whether an ASCII text is as Fold returns it. It may miss some that are.
func isFolded(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isLowerOrDigit(c) && !strings.ContainsRune("@.-_+()/,&", rune(c)) {
			return false
		}
	}
	return true
}
