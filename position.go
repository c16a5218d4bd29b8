package grapevine

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// PositionLua is Lua source that defines position_before(a, b), the order of two positions as text. Redis
// scripts that compare positions begin with it.
//
//go:embed position.lua
var PositionLua string

// Position is a point in MongoDB's cluster time, written as a Redis stream id "<time>-<n>".
//
// Time is T<<32|I, the two halves of a change's clusterTime; T counts seconds since 1970. N numbers the events
// of the contacts collection with the same time, from 0, in stream order. For clients a position is opaque
// text with an order. It is never a JSON number, because JavaScript and Lua round large numbers. The zero
// Position means "unknown" or "before everything".
type Position struct {
	Time uint64
	N    uint64
}

// NewPosition is the position of the n-th event at cluster time (t, i).
func NewPosition(t, i uint32, n uint64) Position {
	return Position{Time: uint64(t)<<32 | uint64(i), N: n}
}

// ParsePosition reads the canonical text: two decimal numbers below 2^64, without sign or leading zeros,
// joined by "-".
func ParsePosition(s string) (Position, error) {
	a, b, ok := strings.Cut(s, "-")
	time, err1 := parseHalf(a)
	n, err2 := parseHalf(b)
	if !ok || err1 != nil || err2 != nil {
		return Position{}, fmt.Errorf("position %.64q is not two numbers joined by a hyphen, such as 7571873042433146881-0", s)
	}
	return Position{Time: time, N: n}, nil
}

func parseHalf(s string) (uint64, error) {
	if len(s) > 1 && s[0] == '0' {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseUint(s, 10, 64)
}

// String is the canonical text, which [ParsePosition] reads back.
func (p Position) String() string {
	return strconv.FormatUint(p.Time, 10) + "-" + strconv.FormatUint(p.N, 10)
}

// MarshalText writes the canonical text, so that JSON carries a position as a string.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the canonical text.
func (p *Position) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePosition(string(text))
	return err
}

// IsZero reports whether the position is unknown.
func (p Position) IsZero() bool { return p == Position{} }

// Compare is -1, 0 or +1 as p is before, at or after q.
func (p Position) Compare(q Position) int {
	if c := cmp.Compare(p.Time, q.Time); c != 0 {
		return c
	}
	return cmp.Compare(p.N, q.N)
}

// Before reports whether p is strictly before q.
func (p Position) Before(q Position) bool { return p.Compare(q) < 0 }

// T is the second of the cluster time, since 1970.
func (p Position) T() uint32 { return uint32(p.Time >> 32) }

// I is the increment within the second T.
func (p Position) I() uint32 { return uint32(p.Time & math.MaxUint32) }

// End is the last position with p's cluster time. A write of many contacts returns it, because all its events
// have the same time.
func (p Position) End() Position { return Position{Time: p.Time, N: math.MaxUint64} }

// Previous is the position just before p. The previous of zero is zero.
func (p Position) Previous() Position {
	switch {
	case p.N > 0:
		return Position{Time: p.Time, N: p.N - 1}
	case p.Time > 0:
		return Position{Time: p.Time - 1}.End()
	}
	return p
}

// Wall is the second of p on MongoDB's clock.
func (p Position) Wall() time.Time { return time.Unix(int64(p.T()), 0).UTC() }
