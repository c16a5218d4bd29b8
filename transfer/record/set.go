package record

import "grapevine"

// Set is a list without repetitions, in the order in which its values were added. Time is linear in their number, however
// many different ones a file holds. The zero value is empty.
type Set[T comparable] struct {
	list []T
	seen map[T]bool
}

// Add reports whether the value is new.
func (s *Set[T]) Add(value T) bool {
	if s.seen[value] {
		return false
	}
	if s.seen == nil {
		s.seen = map[T]bool{}
	}
	s.seen[value] = true
	s.list = append(s.list, value)
	return true
}

// List returns the values.
func (s *Set[T]) List() []T { return s.list }

// Entries is a list of entries without repetitions: an entry without a label is one if its value is there with any label.
// The preferred ones come first. The zero value is empty.
type Entries struct {
	preferred, others Set[grapevine.Entry]
	values            map[string]bool
}

// Add adds an entry. Its value becomes one line.
func (l *Entries) Add(label, value string, preferred bool) {
	e := grapevine.Entry{Label: label, Value: OneLine(value)}
	if e.Value == "" || label == "" && l.values[e.Value] || l.preferred.seen[e] || l.others.seen[e] {
		return
	}
	if l.values == nil {
		l.values = map[string]bool{}
	}
	l.values[e.Value] = true
	if preferred {
		l.preferred.Add(e)
	} else {
		l.others.Add(e)
	}
}

// AppendTo appends the entries to a list.
func (l *Entries) AppendTo(list []grapevine.Entry) []grapevine.Entry {
	return append(append(list, l.preferred.list...), l.others.list...)
}
