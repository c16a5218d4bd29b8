package tables

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// googleSeparator stands between several values of a cell.
const googleSeparator = ":::"

// minPhone is the shortest text that is taken for a phone number without a title that says so.
const minPhone = 6

// splitBy cuts a cell at lines and at Google's separator, then at those of the characters where all parts may stand alone.
func splitBy(text, characters string, alone func(string) bool) (values []string) {
	for line := range strings.SplitSeq(strings.ReplaceAll(text, googleSeparator, "\n"), "\n") {
		values = append(values, splitLine(line, characters, alone)...)
	}
	return values
}

func splitLine(line, characters string, alone func(string) bool) []string {
	if line = strings.TrimSpace(line); line == "" {
		return nil
	}
	for i := range len(characters) {
		var parts []string
		for part := range strings.SplitSeq(line, characters[i:i+1]) {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) == 0 {
			return nil
		}
		if !slices.ContainsFunc(parts, func(part string) bool { return !alone(part) }) {
			var values []string
			for _, part := range parts {
				values = append(values, splitLine(part, characters[i+1:], alone)...)
			}
			return values
		}
	}
	return []string{line}
}

func anything(string) bool { return true }

func splitEmails(text string) []string {
	values := splitBy(text, ";", anything)
	return splitAgain(values, ",| ", func(part string) bool { return strings.Contains(part, "@") && !strings.HasPrefix(part, "<") })
}

// splitAgain cuts each value further.
func splitAgain(values []string, characters string, alone func(string) bool) (all []string) {
	for _, value := range values {
		all = append(all, splitLine(value, characters, alone)...)
	}
	return all
}

func splitPhones(text string) []string {
	text = extension.ReplaceAllString(text, " ext. ")
	values := splitBy(text, ";|", anything)
	return splitAgain(values, ",/", func(part string) bool {
		digits := 0
		for _, r := range part {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		return digits > minPhone
	})
}

// extension is how a tel: URI holds one.
var extension = regexp.MustCompile(`(?i); *ext *= *`)

var urlBegins = regexp.MustCompile(`^(?i)([a-z]+://|www\.)`)

func splitURLs(text string) []string {
	return splitBy(text, ";, ", urlBegins.MatchString)
}

func splitNames(text string) []string { return splitBy(text, ";", anything) }

// splitTags cuts at commas only where nothing else separates.
func splitTags(text string, commas bool) []string {
	if !commas || strings.Contains(text, ";") || strings.Contains(text, googleSeparator) {
		return splitBy(text, ";", anything)
	}
	return splitBy(text, ",", anything)
}

// A spreadsheet takes a phone number for a number. The digits of a short form are lost.
var (
	shortNumber   = regexp.MustCompile(`^[0-9][.,][0-9]+[Ee]\+[0-9]+$`)
	decimalNumber = regexp.MustCompile(`^[0-9]{7,}[.,]0$`)
)

func cleanPhone(text string) string {
	if decimalNumber.MatchString(text) {
		return text[:len(text)-len(".0")]
	}
	if len(text) > len("tel:") && strings.EqualFold(text[:len("tel:")], "tel:") {
		return strings.TrimSpace(text[len("tel:"):])
	}
	return text
}

// kinds are the words for the kind of a contact in files, by their keys.
var kinds = func() map[string]string {
	words := map[string]string{}
	for kind, list := range map[string]string{
		"person":       "person people individual contact human private privat privatperson personne persona particulier particular",
		"organization": "organization organisation org company business firma firm unternehmen corporate societe entreprise empresa organizacion account", //nolint:misspell // Spanish
	} {
		for _, word := range strings.Fields(list) {
			words[word] = kind
		}
	}
	return words
}()
