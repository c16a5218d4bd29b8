package password

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of a new password, in characters (Unicode code points) as typed.
const (
	MinLength = 12
	MaxLength = 128
)

// common has one password in each line, in lower case. README.md says where they come from.
//
//go:embed common.txt
var common string

// Problem says what is wrong with a new password, as a text for people. It is empty for one that is good. The password is taken as
// typed: no space is cut off, and no letter is changed.
func Problem(password, email string) string {
	lower := strings.ToLower(password)
	switch length := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "must be text in UTF-8"
	case length < MinLength:
		return fmt.Sprintf("must have at least %d characters, and has %d", MinLength, length)
	case length > MaxLength:
		return fmt.Sprintf("must have at most %d characters, and has %d", MaxLength, length)
	case email != "" && lower == strings.ToLower(email):
		return "must not be the e-mail address"
	case isCommon(lower):
		return "is one of the most common passwords, which are tried first; choose another one"
	}
	return ""
}

// isCommon looks through the whole list, which takes far less time than the hash that follows.
func isCommon(lower string) bool {
	return !strings.Contains(lower, "\n") && strings.Contains("\n"+common, "\n"+lower+"\n")
}
