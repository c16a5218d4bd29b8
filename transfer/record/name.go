package record

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"grapevine"
)

// namePrefixes stand before a name. The comparison ignores case and points.
var namePrefixes = words(`dr prof mr mrs ms miss mx rev herr frau hr dipl-ing ing mag mme mlle sra srta dott dottssa drs ir
	univ-prof hc sr sir dame lord lady`)

// nameSuffixes stand after a name. The comparison ignores points only, because Ma and Esther's MA are different words.
var nameSuffixes = words(`Jr jr JR Jnr Sr Snr II III IV PhD DPhil MD MBA Esq DDS DVM CPA LLM LLB LLD MSc BSc EdD PharmD jun sen`)

// particles begin a last name of several words.
var particles = words(`van von vom de del della dello dei degli der den di da do dos das du des la le los las ter ten zu zum zur af av`)

// lowerParticles are particles only where they are written in lower case, because they are names too.
var lowerParticles = words(`al el bin ibn bint ben te op 't und of st`)

// joiners join two last names, as in Ortega y Gasset.
var joiners = words(`y i`)

func words(list string) []string { return strings.Fields(list) }

// TakeName is [SplitName] for a contact that keeps the prefix and the suffix it has.
func TakeName(full string, c *grapevine.Contact) {
	prefix, suffix := c.Prefix, c.Suffix
	SplitName(full, c)
	c.Prefix, c.Suffix = cmp.Or(prefix, c.Prefix), cmp.Or(suffix, c.Suffix)
}

// SplitName sets the prefix, the first name, the last name and the suffix of a person from a full name. The last word is
// the last name, together with particles such as van or de la before it. "Last, First" is understood. One word is
// the first name. Of a Chinese, Japanese or Korean name the first word is the last name, and one without a blank stays whole.
func SplitName(full string, c *grapevine.Contact) {
	c.Prefix, c.FirstName, c.LastName, c.Suffix = "", "", "", ""
	var parts []string
	for part := range strings.SplitSeq(full, ",") {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			parts = append(parts, part)
		}
	}
	n := len(parts)
	for n > 1 && allSuffixes(parts[n-1]) {
		n--
	}
	suffixes := slices.Clone(parts[min(n, len(parts)):])
	parts = parts[:n]
	switch len(parts) {
	case 0:
	case 1:
		names := strings.Fields(parts[0])
		names = takePrefixes(names, c)
		names, suffixes = takeSuffixes(names, suffixes)
		splitWords(names, c)
	case 2:
		last, more := takeSuffixes(takePrefixes(strings.Fields(parts[0]), c), suffixes)
		first := strings.Fields(parts[1])
		if c.Prefix == "" {
			first = takePrefixes(first, c)
		}
		first, suffixes = takeSuffixes(first, more)
		c.FirstName, c.LastName = strings.Join(first, " "), strings.Join(last, " ")
	default: // a list of something
		c.FirstName = strings.Join(strings.Fields(full), " ")
	}
	c.Suffix = strings.Join(suffixes, ", ")
}

// takePrefixes moves words at the beginning to the prefix. One word stays.
func takePrefixes(names []string, c *grapevine.Contact) []string {
	n := 0
	for n < len(names)-1 && slices.Contains(namePrefixes, strings.ToLower(withoutPoints(names[n]))) {
		n++
	}
	c.Prefix = strings.Join(names[:n], " ")
	return names[n:]
}

// takeSuffixes moves words at the end to the front of suffixes. One word stays.
func takeSuffixes(names, suffixes []string) (rest, all []string) {
	n := len(names)
	for n > 1 && slices.Contains(nameSuffixes, withoutPoints(names[n-1])) {
		n--
	}
	if n < len(names) {
		suffixes = slices.Insert(suffixes, 0, strings.Join(names[n:], " "))
	}
	return names[:n], suffixes
}

func splitWords(names []string, c *grapevine.Contact) {
	if len(names) == 0 {
		return
	}
	if len(names) == 1 {
		if c.Prefix == "" || isEastAsian(names[0]) {
			c.FirstName = names[0]
		} else {
			c.LastName = names[0] // Frau Böhm
		}
		return
	}
	if isEastAsian(strings.Join(names, "")) {
		c.LastName, c.FirstName = names[0], strings.Join(names[1:], " ")
		return
	}
	i := len(names) - 1
	for i > 1 {
		if i > 2 && slices.Contains(joiners, names[i-1]) {
			i -= 2
		} else if isParticle(names[i-1]) {
			i--
		} else {
			break
		}
	}
	c.FirstName, c.LastName = strings.Join(names[:i], " "), strings.Join(names[i:], " ")
}

func isParticle(word string) bool {
	return slices.Contains(lowerParticles, word) || slices.Contains(particles, strings.ToLower(word))
}

func allSuffixes(part string) bool {
	for _, word := range strings.Fields(part) {
		if !slices.Contains(nameSuffixes, withoutPoints(word)) {
			return false
		}
	}
	return true
}

func withoutPoints(word string) string { return strings.ReplaceAll(word, ".", "") }

// isEastAsian reports whether all letters are Chinese, Japanese or Korean.
func isEastAsian(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) && r != 'ー' && r != '々'
	})
}
