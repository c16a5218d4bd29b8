package ws

import (
	"slices"

	"grapevine"
)

// tail is the newest part of the history, held in memory, so that a thousand clients which come back
// at once are served without asking Redis. Everything after base up to head is in it.
type tail struct {
	base, head grapevine.Position
	entries    []*entry
	size, max  int
}

// reset forgets everything: nothing up to at is held.
func (t *tail) reset(at grapevine.Position) {
	t.base, t.head, t.entries, t.size = at, at, nil, 0
}

// append takes the entries that follow head and lets go of the oldest above the budget.
func (t *tail) append(entries []*entry) {
	for _, e := range entries {
		t.entries = append(t.entries, e)
		t.size += e.size
		t.head = e.at
	}
	drop := 0
	for t.size > t.max && drop < len(t.entries) {
		t.size -= t.entries[drop].size
		t.base = t.entries[drop].at
		drop++
	}
	clear(t.entries[:drop]) // else the array keeps them alive
	t.entries = t.entries[drop:]
}

// truncate forgets what is after at, where history now ends.
func (t *tail) truncate(at grapevine.Position) {
	keep, _ := slices.BinarySearchFunc(t.entries, at, func(e *entry, p grapevine.Position) int {
		if at.Before(e.at) {
			return 1
		}
		return -1
	})
	for _, e := range t.entries[keep:] {
		t.size -= e.size
	}
	clear(t.entries[keep:])
	t.entries = t.entries[:keep]
	t.head = at
	if at.Before(t.base) {
		t.base = at
	}
}

// after is the next entries after p, as many as fit in budget but at least one, and the position up to
// which they are complete. ok is false if p is older than what is held.
func (t *tail) after(p grapevine.Position, budget int) (entries []*entry, to grapevine.Position, ok bool) {
	if p.Before(t.base) {
		return nil, p, false
	}
	entries, to = cutAfter(t.entries, p, budget)
	if len(entries) == 0 {
		to = t.head
	}
	return entries, to, true
}

// cutAfter is the part of sorted entries after p that fits in budget, but at least one, and where it ends.
func cutAfter(sorted []*entry, p grapevine.Position, budget int) ([]*entry, grapevine.Position) {
	from, _ := slices.BinarySearchFunc(sorted, p, func(e *entry, p grapevine.Position) int {
		if p.Before(e.at) {
			return 1
		}
		return -1
	})
	end, size := from, 0
	for end < len(sorted) && (end == from || size+sorted[end].size <= budget) {
		size += sorted[end].size
		end++
	}
	if end == from {
		return nil, p
	}
	return slices.Clone(sorted[from:end]), sorted[end-1].at
}
