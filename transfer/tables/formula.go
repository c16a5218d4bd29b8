package tables

import (
	"regexp"
	"strings"
)

// A spreadsheet runs a cell that begins like this (CWE-1236), full-width signs included.
const formulaBegins = `[=+\-@\t\r＝＋－＠]`

var (
	formula        = regexp.MustCompile(`^'*` + formulaBegins)
	quotedFormula  = regexp.MustCompile(`^'+` + formulaBegins)
	phoneNumber    = regexp.MustCompile(`^\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*$`)
	quotedNumber   = regexp.MustCompile(`^'[0-9][0-9 ().\-/]*$`)
	formulaOfAText = regexp.MustCompile(`^="(.*)"$`)
)

// escapeFormula puts an apostrophe before a formula, so that a spreadsheet shows it. A phone number stays as it is.
func escapeFormula(text string) string {
	if formula.MatchString(text) && !phoneNumber.MatchString(text) {
		return "'" + text
	}
	return text
}

// unescapeFormula undoes escapeFormula.
func unescapeFormula(text string) string {
	if quotedFormula.MatchString(text) {
		return text[1:]
	}
	return text
}

// cellText undoes what programs do to a cell so that a spreadsheet does not change it: ="0123", '0123 and '=x.
func cellText(cell string) string {
	cell = unescapeFormula(strings.TrimSpace(cell))
	if text := formulaOfAText.FindStringSubmatch(cell); text != nil {
		return strings.ReplaceAll(text[1], `""`, `"`)
	}
	if quotedNumber.MatchString(cell) {
		return cell[1:]
	}
	return cell
}
