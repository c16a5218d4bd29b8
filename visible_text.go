package grapevine

import (
	"slices"
	"strings"
	"unicode"
)

// Characters of Unicode's bidirectional algorithm that begin and end a change of direction.
const (
	leftToRightEmbedding  = '\u202a'
	rightToLeftEmbedding  = '\u202b'
	popDirection          = '\u202c'
	leftToRightOverride   = '\u202d'
	rightToLeftOverride   = '\u202e'
	leftToRightIsolate    = '\u2066'
	rightToLeftIsolate    = '\u2067'
	firstStrongIsolate    = '\u2068'
	popDirectionIsolate   = '\u2069'
	lineSeparator         = '\u2028'
	paragraphSeparator    = '\u2029'
	brailleBlank          = '\u2800'
	firstNoncharacter     = '\ufdd0'
	lastNoncharacter      = '\ufdef'
	planeNoncharacterMask = 0xfffe // the last two code points of each plane
)

// hasVisible reports whether a person can see a part of the text. Blanks, format and control characters, fillers,
// variation selectors, tag characters and combining marks without a letter cannot be seen.
func hasVisible(text string) bool { return strings.ContainsFunc(text, isVisible) }

func isVisible(c rune) bool {
	return c != brailleBlank && !isNoncharacter(c) && !unicode.IsSpace(c) &&
		!unicode.In(c, unicode.Cc, unicode.Cf, unicode.Z, unicode.Mn, unicode.Me, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isNoncharacter reports a code point that Unicode will never give to a character, such as U+FFFF.
func isNoncharacter(c rune) bool {
	return c&planeNoncharacterMask == planeNoncharacterMask || firstNoncharacter <= c && c <= lastNoncharacter
}

// isUnacceptable reports a character that no text may contain, except for the control characters in allowed. The
// separators of lines and paragraphs are acceptable where a newline is.
func isUnacceptable(c rune, allowed string) bool {
	if c == lineSeparator || c == paragraphSeparator {
		c = '\n'
	}
	return isNoncharacter(c) || unicode.IsControl(c) && !strings.ContainsRune(allowed, c)
}

// balanceDirections removes each character that changes the direction of what follows and is not ended in its line, and
// each end without a beginning. Otherwise a text could reverse its surroundings, wherever it is shown.
func balanceDirections(text string) string {
	if !strings.ContainsFunc(text, isDirectionChange) {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		lines[i] = balanceLine([]rune(line))
	}
	return strings.Join(lines, "")
}

func isDirectionChange(c rune) bool {
	return leftToRightEmbedding <= c && c <= rightToLeftOverride || leftToRightIsolate <= c && c <= popDirectionIsolate
}

func balanceLine(line []rune) string {
	var open []int // places of the beginnings that have no end yet
	balanced := make([]bool, len(line))
	isolates := 0 // among the open ones
	for i, c := range line {
		switch c {
		case leftToRightEmbedding, rightToLeftEmbedding, leftToRightOverride, rightToLeftOverride,
			leftToRightIsolate, rightToLeftIsolate, firstStrongIsolate:
			open = append(open, i)
			if isIsolate(c) {
				isolates++
			}
		case popDirection:
			if last := len(open) - 1; last >= 0 && !isIsolate(line[open[last]]) {
				balanced[open[last]], balanced[i] = true, true
				open = open[:last]
			}
		case popDirectionIsolate: // it also ends the embeddings within the isolate
			if isolates == 0 {
				continue
			}
			isolates--
			for last := len(open) - 1; last >= 0; last-- {
				if isIsolate(line[open[last]]) {
					balanced[open[last]], balanced[i] = true, true
					open = open[:last]
					break
				}
			}
		}
	}
	i := -1
	return string(slices.DeleteFunc(line, func(c rune) bool {
		i++
		return isDirectionChange(c) && !balanced[i]
	}))
}

func isIsolate(c rune) bool { return leftToRightIsolate <= c && c <= firstStrongIsolate }
