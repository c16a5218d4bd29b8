package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/derived"
)

// wordSearch is a search for the starts of words and phone numbers.
type wordSearch struct {
	query   grapevine.Query
	terms   derived.Terms
	filters filters
}

// searchWords finds the contacts that q.Words finds. If one term, or one filter, selects few contacts, all of these are ranked.
// Otherwise the ranges of one term are scanned in their own order, in which names come before e-mails and whole words before
// starts, and each page is ranked. For a search with one word both orders are the same.
func (s *Store) searchWords(ctx context.Context, at *bson.Timestamp, q grapevine.Query, from *cursor) ([]row, *cursor, error) {
	terms, err := derived.Parse(q.Words)
	if err != nil {
		return nil, nil, err
	}
	w := wordSearch{query: q, terms: terms, filters: filtersOf(q)}
	begin := cursor{Plan: gathering}
	if from != nil {
		if begin = *from; !w.accepts(begin) {
			return nil, nil, badCursor(nil)
		}
		if len(begin.ID) > 0 {
			return s.searchByID(ctx, at, w, begin)
		}
	}
	rows, next, err := s.findWords(ctx, at, w, from)
	switch {
	case !errors.Is(err, errNoIndex):
		return rows, next, err
	case begin.Plan == gathering && s.canSort(ctx):
		rows, next, _, err = s.gatherWords(ctx, at, w, selection{parts: []indexRange{{}}}, from, true)
		return rows, next, err
	default:
		return s.searchByID(ctx, at, w, begin)
	}
}

// accepts reports whether a cursor may be one of the search.
func (w wordSearch) accepts(from cursor) bool {
	values := len(from.At)
	switch from.Plan {
	case gathering:
		return from.Part == 0 && (values == len(hit{}.place(bson.RawValue{})) || values == 0 && len(from.ID) > 0)
	case scanning:
		return from.Term >= 0 && from.Term < len(w.terms) && from.Part >= 0 && (values == 0 || values == len(rangePlace("", "", bson.RawValue{})))
	default:
		return false
	}
}

func (s *Store) findWords(ctx context.Context, at *bson.Timestamp, w wordSearch, from *cursor) ([]row, *cursor, error) {
	if from != nil && from.Plan == scanning {
		return s.scanWords(ctx, at, w, *from)
	}
	term := 0
	if len(w.terms) > 1 || !w.filters.none() || from != nil {
		candidates, isTerm := w.selections()
		numbers := s.countAll(ctx, w.query.Workspace, candidates)
		rarest := slices.Index(numbers, slices.Min(numbers))
		if rankable := s.gatherAtMost >= 0 && numbers[rarest] <= s.gatherAtMost/rankShare; rankable || from != nil {
			rows, next, ok, err := s.gatherWords(ctx, at, w, candidates[rarest], from, from != nil)
			if ok || err != nil {
				return rows, next, err
			}
		}
		best := unknownCount + 1
		for i, n := range numbers {
			if isTerm[i] >= 0 && n < best {
				term, best = isTerm[i], n
			}
		}
	}
	return s.scanWords(ctx, at, w, cursor{Plan: scanning, Term: term})
}

// Ranking a contact costs so many times as much as sorting it in a list.
const rankShare = 2

// maxCountedTerms is how many terms of a search may select the contacts that are looked at: the longest ones.
const maxCountedTerms = 3

// selections are what may select the contacts that are looked at. isTerm has the index of the term for each, -1 for a filter.
func (w wordSearch) selections() (candidates []selection, isTerm []int) {
	longest := make([]int, len(w.terms))
	for i := range longest {
		longest[i] = i
	}
	slices.SortStableFunc(longest, func(a, b int) int { return cmp.Compare(lengthOf(w.terms[b]), lengthOf(w.terms[a])) })
	for n, i := range longest[:min(len(longest), maxCountedTerms)] {
		if n > 0 && lengthOf(w.terms[i]) < 2 {
			break // one letter selects too many
		}
		candidates, isTerm = append(candidates, termSelection(w.query.Workspace, w.terms[i])), append(isTerm, i)
	}
	for _, selected := range filterSelections(w.filters) {
		candidates, isTerm = append(candidates, selected), append(isTerm, -1)
	}
	return candidates, isTerm
}

// lengthOf says how much of a word or number a term names.
func lengthOf(term derived.Term) int {
	n := len(term.Word)
	for _, start := range term.Phones {
		n = max(n, len(start))
	}
	for _, part := range term.Parts {
		n = max(n, lengthOf(part))
	}
	return n
}

// hit is the place of a contact among those that a search finds.
type hit struct {
	derived.Hit

	name string
}

// place is the hit as a position.
func (h hit) place(id bson.RawValue) position {
	return positionOf(int64(h.Rank), h.Entry, h.name, id)
}

func compareHits(a, b row) int {
	return comparePlaces(row{at: a.hit.place(a.at.id())}, row{at: b.hit.place(b.at.id())}, false)
}

// gatherWords ranks all contacts of a selection that the search finds. cut: if they are too many, it takes those that it has met. Otherwise
// ok is false.
func (s *Store) gatherWords(ctx context.Context, at *bson.Timestamp, w wordSearch, of selection, from *cursor, cut bool) (rows []row, next *cursor, ok bool, err error) {
	docs, ok, err := s.gather(ctx, at, w.query.Workspace, of, append(w.filters.checks(), checksOf(w.terms)...), formProjection())
	if err != nil || !ok && !cut {
		return nil, nil, ok, err
	}
	for _, doc := range docs {
		form := readForm(doc)
		found, matches := w.terms.Match(&form)
		if matches {
			h := hit{found, form.Name}
			rows = append(rows, row{at: h.place(doc.Lookup("_id"))})
		}
	}
	compare := func(a, b row) int { return comparePlaces(a, b, false) }
	slices.SortFunc(rows, compare)
	if from != nil {
		rows = slices.DeleteFunc(rows, func(r row) bool { return compare(r, row{at: from.At}) <= 0 })
	}
	rows, next, err = s.gathered(ctx, at, w.query, rows, func(r row) cursor { return cursor{Plan: gathering, At: r.at} })
	return rows, next, true, err
}

// formProjection leaves what a search reads of the derived part.
func formProjection() bson.D {
	return bson.D{{Key: formName, Value: 1}, {Key: formWords, Value: 1}, {Key: formPhones, Value: 1}}
}

// maxChecks is how many terms MongoDB checks. All are checked here.
const maxChecks = 8

// checksOf are conditions that each contact fulfils that the terms find. A contact that fulfils them need not be found.
func checksOf(terms derived.Terms) bson.D {
	var all bson.A
	for _, term := range terms[:min(len(terms), maxChecks)] {
		all = append(all, bson.D{{Key: "$or", Value: termChecks(term)}})
	}
	return bson.D{{Key: "$and", Value: all}}
}

// termChecks are conditions of which a contact that the term finds fulfils at least one.
func termChecks(term derived.Term) (checks bson.A) {
	for _, part := range term.Ranges() {
		checks = append(checks, bson.D{{Key: arrayOf(part), Value: startsWith(part.Start)}})
	}
	return checks
}

// arrayOf is the field with the entries of a range.
func arrayOf(part derived.Range) string {
	if part.Phones {
		return formPhones
	}
	return formWords
}

// startsWith matches the entries that begin with a text, in which nothing is syntax.
func startsWith(start string) bson.D {
	return bson.D{{Key: "$regex", Value: "^" + quotePattern(start)}}
}

// quotePattern escapes ASCII punctuation, which is what patterns have as syntax.
func quotePattern(text string) string {
	var quoted strings.Builder
	for _, r := range text {
		if r < 0x80 && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z') {
			quoted.WriteByte('\\')
		}
		quoted.WriteRune(r)
	}
	return quoted.String()
}
