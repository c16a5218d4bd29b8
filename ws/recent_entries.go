package ws

import (
	"slices"

	"grapevine"
)

// recentEntries holds the newest part of the event log in memory, so that many clients which come back at once are
// served without asking Redis. It has every entry after base up to end.
type recentEntries struct {
	base, end grapevine.Position
	entries   []*entry
	size, max int // bytes
}

// reset drops all entries. The next entry to append is the first one after at.
func (r *recentEntries) reset(at grapevine.Position) {
	r.base, r.end, r.entries, r.size = at, at, nil, 0
}

// append adds the entries that follow end, and drops the oldest entries if there are too many.
func (r *recentEntries) append(entries []*entry) {
	for _, e := range entries {
		r.entries = append(r.entries, e)
		r.size += e.Size
		r.end = e.Position
	}
	drop := 0
	for r.size > r.max && drop < len(r.entries) {
		r.size -= r.entries[drop].Size
		r.base = r.entries[drop].Position
		drop++
	}
	clear(r.entries[:drop]) // otherwise the array keeps them alive
	r.entries = r.entries[drop:]
}

// truncate drops the entries after at, where the log now ends.
func (r *recentEntries) truncate(at grapevine.Position) {
	keep := firstAfter(r.entries, at)
	for _, e := range r.entries[keep:] {
		r.size -= e.Size
	}
	clear(r.entries[keep:])
	r.entries = r.entries[:keep]
	r.end = at
	if at.Before(r.base) {
		r.base = at
	}
}

// after returns the next entries after p: as many as fit in budget, but at least one. They are complete up to
// the position to. ok is false if p is older than base.
func (r *recentEntries) after(p grapevine.Position, budget int) (entries []*entry, to grapevine.Position, ok bool) {
	if p.Before(r.base) {
		return nil, p, false
	}
	entries, to = cutAfter(r.entries, p, budget)
	if len(entries) == 0 {
		to = r.end
	}
	return entries, to, true
}

// cutAfter returns the sorted entries after p that fit in budget, but at least one, and the position of the
// last one.
func cutAfter(sorted []*entry, p grapevine.Position, budget int) ([]*entry, grapevine.Position) {
	from := firstAfter(sorted, p)
	end, size := from, 0
	for end < len(sorted) && (end == from || size+sorted[end].Size <= budget) {
		size += sorted[end].Size
		end++
	}
	if end == from {
		return nil, p
	}
	return slices.Clone(sorted[from:end]), sorted[end-1].Position
}

// firstAfter is the index of the first entry after p.
func firstAfter(sorted []*entry, p grapevine.Position) int {
	i, _ := slices.BinarySearchFunc(sorted, p, func(e *entry, p grapevine.Position) int {
		if p.Before(e.Position) {
			return 1
		}
		return -1
	})
	return i
}
