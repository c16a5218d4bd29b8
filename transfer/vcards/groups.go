package vcards

import "io"

// Groups are the groups of a file, by their members.
type Groups struct{}

// FindGroups reads a file for its groups. A group is a card of its own that can stand before or behind its members, so
// that this takes a pass of its own, before that of a [Reader]. decode is that of [NewReader].
func FindGroups(r io.Reader, decode func([]byte) string) (Groups, error) {
	return Groups{}, nil
}
