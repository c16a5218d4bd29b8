package derived

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"grapevine"
)

// Terms are what a search asks for. A contact is found if every term finds it.
type Terms []Term

// Term is a word, a phone number, or both. It finds a contact if its word is the start of one of the contact's words, or
// its number is the start or the end of one of its phone numbers, or all of its Parts find the contact.
type Term struct {
	Word   string   // folded; empty: none
	Phones []string // starts of entries of [Form.Phones]
	Parts  []Term   // of a number that is written in several parts: it may also be several numbers or words
}

// Parse reads the text of a search. Words that are written as parts of one phone number are one term.
func Parse(q string) (Terms, error) {
	var terms Terms
	chunks := strings.Fields(Fold(q))
	for len(chunks) > 0 {
		if n := numberChunks(chunks); n > 0 {
			terms = append(terms, numberTerms(chunks[:n])...)
			chunks = chunks[n:]
			continue
		}
		terms = append(terms, wordTerms(chunks[0])...)
		chunks = chunks[1:]
	}
	if len(terms) == 0 {
		return nil, &grapevine.Error{Code: grapevine.BadRequest, Message: "The parameter q has no letter and no digit. Search for a word or a phone number."}
	}
	return terms, nil
}

// numberChunks is how many of the first chunks are written as one phone number.
func numberChunks(chunks []string) (n int) {
	for n < len(chunks) {
		switch extension, marked := cutExtensionMark(chunks[n]); {
		case isPhoneText(chunks[n]), n == 0 && isPhoneText(strings.TrimPrefix(chunks[n], "tel:")):
			n++
		case n > 0 && marked && hasExtension(extension):
			n++
		case n > 0 && marked && extension == "" && n+1 < len(chunks) && hasExtension(chunks[n+1]):
			n += 2
		default:
			return n
		}
	}
	return n
}

// cutExtensionMark returns what follows the text that stands in front of an extension.
func cutExtensionMark(chunk string) (extension string, marked bool) {
	for _, mark := range []string{"ext.", "ext", "x"} {
		if extension, marked = strings.CutPrefix(chunk, mark); marked {
			return extension, true
		}
	}
	return "", false
}

func hasExtension(text string) bool {
	return strings.ContainsAny(text, "0123456789") && isPhoneText(text)
}

// isPhoneText reports whether a text has only digits and the punctuation of phone numbers.
func isPhoneText(chunk string) bool {
	return !strings.ContainsFunc(chunk, func(r rune) bool {
		return (r < '0' || r > '9') && !strings.ContainsRune("+()./−", r) && !unicode.Is(unicode.Pd, r)
	})
}

// numberTerms returns the term of one phone number that is written in chunks, or none if they have no digit.
func numberTerms(chunks []string) []Term {
	var parts []Term
	for _, chunk := range chunks {
		words := wordTerms(chunk)
		switch {
		case len(words) == 0:
		case len(words) == 1:
			parts = append(parts, Term{Word: words[0].Word, Phones: phoneStarts(chunk)})
		default:
			parts = append(parts, Term{Phones: phoneStarts(chunk), Parts: words})
		}
	}
	if len(parts) <= 1 && len(chunks) == 1 {
		return parts
	}
	starts := phoneStarts(strings.Join(chunks, ""))
	if len(parts) == 0 || starts == nil {
		return parts
	}
	return []Term{{Phones: starts, Parts: parts}}
}

// wordTerms returns the words of a text without blanks. An address is one word.
func wordTerms(chunk string) []Term {
	spans := split(chunk)
	if len(spans) > 0 && strings.Contains(chunk, "@") {
		spans = []span{{spans[0].start, spans[len(spans)-1].end, false}}
	}
	terms := make([]Term, len(spans))
	for i, at := range spans {
		word := firstCharacters(chunk[at.start:at.end], maxWord)
		terms[i].Word = word
		if isPhoneText(word) {
			terms[i].Phones = phoneStarts(word)
		}
	}
	return terms
}

// Range is a range of an index: the entries of one array that begin with Start.
type Range struct {
	Phones bool // of [Form.Phones], else of [Form.Words]
	Start  string
}

// Ranges returns ranges that together have an entry of each contact that the term finds. Contacts that it does not find may have one,
// too, if the term has Parts.
func (t Term) Ranges() []Range {
	var ranges []Range
	if t.Word != "" {
		for _, class := range Classes {
			ranges = append(ranges, Range{Start: class.Entry(t.Word)})
		}
	}
	for _, start := range t.Phones {
		ranges = append(ranges, Range{Phones: true, Start: start})
	}
	if len(t.Parts) > 0 {
		longest := slices.MaxFunc(t.Parts, func(a, b Term) int { return cmp.Compare(len(a.Word), len(b.Word)) })
		ranges = append(ranges, longest.Ranges()...)
	}
	return ranges
}

// rankStep is the distance between the ranks of two classes. A search has fewer terms.
const rankStep = 256

// Hit is the place of a contact among those that a search finds.
type Hit struct {
	Rank  int    // the class of the term with the worst class, then the number of terms that are only the start of a word
	Entry string // of [Form.Words] or [Form.Phones], by which the first term found the contact
}

// Match reports whether the search finds the contact with this derived part. What is found is ordered by the hit's rank,
// its entry, the form's name, and the contact's id, all ascending. For a search with one word that is the order of the index of words.
func (t Terms) Match(f *Form) (Hit, bool) {
	var hit Hit
	worst, starts := 0, 0
	for i, term := range t {
		found, ok := term.match(f)
		if !ok {
			return Hit{}, false
		}
		if i == 0 {
			hit.Entry = found.entry
		}
		worst = max(worst, found.class)
		starts += found.starts()
	}
	hit.Rank = worst*rankStep + min(starts, rankStep-1)
	return hit, true
}

// termHit says how one term finds a contact.
type termHit struct {
	class int  // index in Classes, or their number if it is a phone number
	start bool // only the start of the word or number
	entry string
}

func (a termHit) compare(b termHit) int {
	return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.starts(), b.starts()), strings.Compare(a.entry, b.entry))
}

// starts is 1 if the term is only the start of the word or number, else 0.
func (a termHit) starts() int {
	if a.start {
		return 1
	}
	return 0
}

// match returns the best hit of the term.
func (t Term) match(f *Form) (termHit, bool) {
	var best termHit
	found := false
	take := func(hit termHit) {
		if !found || hit.compare(best) < 0 {
			best, found = hit, true
		}
	}
	takeEntries := func(class int, entries []string, start string) {
		for _, entry := range entries {
			if strings.HasPrefix(entry, start) {
				take(termHit{class, entry != start, entry})
			}
		}
	}
	if t.Word != "" {
		for i, class := range Classes {
			takeEntries(i, f.Words, class.Entry(t.Word))
		}
	}
	for _, start := range t.Phones {
		takeEntries(len(Classes), f.Phones, start)
	}
	if hit, ok := matchAll(t.Parts, f); ok {
		take(hit)
	}
	return best, found
}

// matchAll returns the worst hit of several parts, with the entry of the first one.
func matchAll(parts []Term, f *Form) (termHit, bool) {
	var worst termHit
	for i, part := range parts {
		hit, ok := part.match(f)
		if !ok {
			return termHit{}, false
		}
		if i == 0 {
			worst.entry = hit.entry
		}
		worst.class, worst.start = max(worst.class, hit.class), worst.start || hit.start
	}
	return worst, len(parts) > 0
}
