package store

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/derived"
	"grapevine/internal/mongox"
)

// wordRange is a range of the entries of words or of phone numbers. It is read in the order of its index: by entry, then by name.
type wordRange struct {
	derived.Range

	whole bool // only the entry that equals Start
}

// rangesOf are the ranges in which a term finds contacts, the best one first. In a range of words the whole word comes first. Of
// phone numbers, whole ones have ranges of their own, because several forms of a number begin differently.
func rangesOf(term derived.Term) (ranges []wordRange) {
	var whole, starts []wordRange
	for _, part := range term.Ranges() {
		switch {
		case !part.Phones:
			ranges = append(ranges, wordRange{Range: part})
		default:
			whole, starts = append(whole, wordRange{Range: part, whole: true}), append(starts, wordRange{Range: part})
		}
	}
	for _, list := range [][]wordRange{whole, starts} {
		slices.SortFunc(list, func(a, b wordRange) int { return strings.Compare(a.Start, b.Start) })
		ranges = append(ranges, list...)
	}
	return ranges
}

func (r wordRange) index() string {
	if r.Phones {
		return byFormPhones
	}
	return byFormWords
}

// entries are those of the contact's array in which the range is.
func (r wordRange) entries(form *derived.Form) []string {
	if r.Phones {
		return form.Phones
	}
	return form.Words
}

func (r wordRange) has(entry string) bool {
	return entry == r.Start || !r.whole && strings.HasPrefix(entry, r.Start)
}

// first is the first entry of the contact in the range for which after is true.
func (r wordRange) first(form *derived.Form, after func(entry string) bool) (first string, ok bool) {
	for _, entry := range r.entries(form) {
		if r.has(entry) && (!ok || entry < first) && after(entry) {
			first, ok = entry, true
		}
	}
	return first, ok
}

// bounds are the keys from low to before high. A position narrows them.
func (r wordRange) bounds(workspace string, from, to position) (low, high bson.D) {
	key := func(entry any, rest ...any) bson.D {
		return bson.D{{Key: "workspace", Value: workspace}, {Key: arrayOf(r.Range), Value: entry}, {Key: formName, Value: rest[0]}, {Key: "_id", Value: rest[1]}}
	}
	end := r.Start + derived.NoText
	if r.whole {
		end = r.Start + "\x00"
	}
	low, high = key(r.Start, bson.MinKey{}, bson.MinKey{}), key(end, bson.MinKey{}, bson.MinKey{})
	if len(from) > 0 {
		low = key(from[0], from[1], from[2])
	}
	if len(to) > 0 {
		high = key(to[0], to[1], to[2])
	}
	return low, high
}

// rangePlace is the position of a contact in a range.
func rangePlace(entry, name string, id bson.RawValue) position { return positionOf(entry, name, id) }

// home is the first range that has an entry of the contact, and that entry. There the contact is found, and nowhere else.
func home(ranges []wordRange, form *derived.Form) (part int, entry string) {
	for i, r := range ranges {
		if entry, ok := r.first(form, func(string) bool { return true }); ok {
			return i, entry
		}
	}
	return -1, ""
}

// termSelection is the selection of the contacts that a term may find.
func termSelection(workspace string, term derived.Term) selection {
	s := selection{name: "q"}
	for _, part := range term.Ranges() {
		r := wordRange{Range: part}
		low, high := r.bounds(workspace, nil, nil)
		s.name += "\x00" + part.Start
		s.parts = append(s.parts, indexRange{
			index: r.index(), where: bson.D{{Key: arrayOf(part), Value: startsWith(part.Start)}}, low: low, high: high,
		})
	}
	return s
}

// scanWords reads the ranges of one term from where the cursor stands.
func (s *Store) scanWords(ctx context.Context, at *bson.Timestamp, w wordSearch, from cursor) ([]row, *cursor, error) {
	ranges := rangesOf(w.terms[from.Term])
	if from.Part >= len(ranges) {
		return nil, nil, badCursor(nil)
	}
	scan := wordScan{wordSearch: w, store: s, at: at, ranges: ranges, work: newBudget(s.workFor, s.firstChunk)}
	if len(w.terms) > 1 {
		others := slices.Delete(slices.Clone(w.terms), from.Term, from.Term+1)
		scan.checks = append(w.filters.checks(), checksOf(others)...)
	} else {
		scan.checks = w.filters.checks()
	}
	var rows []row
	var rest *cursor
	after := from.At
	for part := from.Part; part < len(ranges) && len(rows) <= w.query.Limit && rest == nil; part++ {
		found, stopped, err := scan.read(ctx, part, after, w.query.Limit+1-len(rows))
		if err != nil {
			return nil, nil, err
		}
		rows, after = append(rows, found...), nil
		if stopped != nil {
			rest = &cursor{Plan: scanning, Term: from.Term, Part: part, At: stopped, stopped: true}
		}
	}
	rows, next, err := finish(w.query, rows, rest, func(r row) cursor {
		return cursor{Plan: scanning, Term: from.Term, Part: r.part, At: r.at}
	})
	slices.SortStableFunc(rows, compareHits)
	return rows, next, err
}

// wordScan is a walk along the ranges of one term.
type wordScan struct {
	wordSearch

	store  *Store
	at     *bson.Timestamp
	ranges []wordRange
	checks bson.D // that MongoDB makes
	work   *budget
}

// read returns up to want contacts of a range that the search finds, after a position. stopped is where it ended before it had found
// them, because a request looks at a limited number of contacts.
func (w wordScan) read(ctx context.Context, part int, after position, want int) (rows []row, stopped position, err error) {
	r := w.ranges[part]
	for {
		var last, end position
		if len(w.checks) > 0 {
			if last, end, err = w.pivot(ctx, r, after); err != nil {
				return nil, nil, err
			}
		}
		limit := want - len(rows)
		docs, more, err := w.find(ctx, r, after, end, limit)
		if err != nil {
			return nil, nil, err
		}
		before := after
		for _, doc := range docs {
			found, at := w.row(part, doc, after)
			if after = at; found != nil {
				rows = append(rows, *found)
			}
		}
		switch {
		case len(rows) == want:
			return rows, nil, nil
		case more:
			return rows, after, nil
		case len(docs) == limit && !slices.EqualFunc(before, after, bson.RawValue.Equal): // the chunk may hold more
		case last == nil:
			return rows, nil, nil
		default:
			after = last
		}
		if !w.work.next() {
			return rows, after, nil
		}
	}
}

// row reads a document that MongoDB found after a position of the range: the contact if the range is its home and the search finds it,
// and where it stands in the range.
func (w wordScan) row(part int, doc bson.Raw, after position) (found *row, at position) {
	r, form, id := w.ranges[part], readForm(doc), doc.Lookup("_id")
	entry, ok := r.first(&form, func(entry string) bool {
		return len(after) == 0 || comparePlaces(row{at: rangePlace(entry, form.Name, id)}, row{at: after}, false) > 0
	})
	if !ok { // its derived part is not one of ours
		return nil, after
	}
	at = rangePlace(entry, form.Name, id)
	homePart, homeEntry := home(w.ranges, &form)
	match, ok := w.terms.Match(&form)
	if !ok || homePart != part || homeEntry != entry {
		return nil, at
	}
	return &row{doc: doc, part: part, at: at, hit: hit{match, form.Name}}, at
}

func (w wordScan) find(ctx context.Context, r wordRange, after, to position, limit int) (docs []bson.Raw, more bool, err error) {
	low, high := r.bounds(w.query.Workspace, after, to)
	filter := w.checks
	if len(after) > 0 { // min has the bound itself in
		filter = append(slices.Clone(filter), bson.E{Key: "$nor", Value: bson.A{bson.D{{Key: "_id", Value: after.id()}}}})
	}
	if filter == nil {
		filter = bson.D{}
	}
	docs, more, err = w.store.readUpTo(ctx, w.at, maxPageRead, findCommand(filter,
		bson.E{Key: "hint", Value: r.index()},
		bson.E{Key: "min", Value: low},
		bson.E{Key: "max", Value: high},
		bson.E{Key: "limit", Value: limit},
		bson.E{Key: "batchSize", Value: limit},
	))
	return docs, more, ignoreEmptyRange(err)
}

// pivot divides a range after a position: last is the place of the n-th index entry, and end that of the next one. nil: there are no
// more than n.
func (w wordScan) pivot(ctx context.Context, r wordRange, after position) (last, end position, err error) {
	low, high := r.bounds(w.query.Workspace, after, nil)
	keys, err := w.store.find(ctx, w.at, bson.D{},
		bson.E{Key: "hint", Value: r.index()},
		bson.E{Key: "min", Value: low},
		bson.E{Key: "max", Value: high},
		bson.E{Key: "returnKey", Value: true},
		bson.E{Key: "skip", Value: w.work.size - 1},
		bson.E{Key: "limit", Value: 2},
	)
	if err = ignoreEmptyRange(err); err != nil || len(keys) < 2 {
		return nil, nil, err
	}
	place := func(key bson.Raw) position {
		return position{key.Lookup(arrayOf(r.Range)), key.Lookup(formName), key.Lookup("_id")}
	}
	return place(keys[0]), place(keys[1]), nil
}

// ignoreEmptyRange is for a range that ends where it begins.
func ignoreEmptyRange(err error) error {
	if mongox.HasCode(err, codeEmptyRange) {
		return nil
	}
	return err
}
