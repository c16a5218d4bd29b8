package access

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// domainForm is the ASCII form of a domain. It does not refuse what the rules of registries forbid, such as an
// underscore: people have such addresses.
var domainForm = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.VerifyDNSLength(true))

// NormalizeEmail is the form in which an e-mail address is stored and compared: Unicode NFC, A–Z as a–z, the domain in
// its ASCII form without a dot behind it. Nothing else is folded, because two people may have addresses that differ in
// anything else. Before the @ only ASCII is accepted, as typed: mail systems disagree about all other characters. The
// error is Invalid and names the field email.
func NormalizeEmail(typed string) (string, error) {
	if !utf8.ValidString(typed) || utf8.RuneCountInString(typed) > 4*maxEmail {
		return "", badEmail("is too long, or is not UTF-8")
	}
	typed = strings.TrimSpace(typed)
	if problem := grapevine.EmailProblem(typed); problem != "" {
		return "", badEmail(problem)
	}
	local, domain, _ := strings.Cut(typed, "@")
	if strings.ContainsFunc(local, isNotASCII) { // before NFC, which makes a K of a Kelvin sign
		return "", badEmail("must have only ASCII characters before the @")
	}
	domain, err := domainForm.ToASCII(norm.NFC.String(domain))
	domain = strings.TrimSuffix(domain, ".")
	if err != nil || strings.Contains("."+domain+".", "..") || strings.ContainsFunc(domain, func(c rune) bool { return c == '@' || isNotASCII(c) }) {
		return "", badEmail("has a domain that cannot be used")
	}
	normal := lowerASCII(local) + "@" + lowerASCII(domain)
	if len(normal) > maxEmail {
		return "", badEmail("is longer than 254 characters")
	}
	return normal, nil
}

// isNotASCII also reports blanks and control characters.
func isNotASCII(c rune) bool { return c <= ' ' || c > '~' }

func lowerASCII(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, text)
}

func badEmail(detail string) error { return invalid("email", detail) }
