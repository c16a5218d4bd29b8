package grapevine

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParsePosition(t *testing.T) {
	for text, want := range map[string]Position{
		"0-0":                   {},
		"7571873042433146881-0": {Time: 7571873042433146881},
		"1-18446744073709551615": {
			Time: 1, N: math.MaxUint64,
		},
		"18446744073709551615-18446744073709551615": {Time: math.MaxUint64, N: math.MaxUint64},
	} {
		got, err := ParsePosition(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
	}
	for _, text := range []string{
		"", "-", "1", "1-", "-1", "1-1-1", "1--1", "+1-1", "1-+1", "01-1", "1-00", " 1-1", "1-1 ", "1-1\n", "1_0-1", "0x1-1", "1e3-1", "1.0-1",
		"18446744073709551616-0", "0-18446744073709551616", "١-١", "null", strings.Repeat("9", 1000) + "-0",
	} {
		_, err := ParsePosition(text)
		require.Error(t, err, "%q", text)
		require.Less(t, len(err.Error()), 400, "the error must not repeat a long text in full")
	}
}

func TestPositionHalves(t *testing.T) {
	p := NewPosition(1_800_000_000, 7, 3)
	require.Equal(t, uint32(1_800_000_000), p.T())
	require.Equal(t, uint32(7), p.I())
	require.Equal(t, uint64(3), p.N)
	require.Equal(t, time.Unix(1_800_000_000, 0).UTC(), p.Wall())
	p = NewPosition(math.MaxUint32, math.MaxUint32, 0)
	require.Equal(t, uint64(math.MaxUint64), p.Time)
	require.Equal(t, uint32(math.MaxUint32), p.T())
}

// Positions are ordered as numbers. As text, or as the float64 of JavaScript and Lua, these would be in another order.
func TestPositionOrder(t *testing.T) {
	ordered := []Position{
		{},
		{N: 1},
		{Time: 9},
		{Time: 10},
		{Time: 10, N: 9},
		{Time: 10, N: 10},
		{Time: 1 << 53},
		{Time: 1<<53 + 1},
		NewPosition(1_800_000_000, 1, 0), NewPosition(1_800_000_000, 1, 1), NewPosition(1_800_000_000, 2, 0), NewPosition(1_800_000_001, 1, 0),
		NewPosition(1_800_000_001, 1, 0).End(),
		{Time: math.MaxUint64, N: math.MaxUint64},
	}
	for i, p := range ordered {
		for j, q := range ordered {
			require.Equal(t, i < j, p.Before(q), "%s, %s", p, q)
			switch c := p.Compare(q); {
			case i < j:
				require.Negative(t, c)
			case i > j:
				require.Positive(t, c)
			default:
				require.Zero(t, c)
			}
		}
	}
	mixed := slices.Clone(ordered)
	slices.Reverse(mixed)
	slices.SortFunc(mixed, Position.Compare)
	require.Equal(t, ordered, mixed)
	require.True(t, Position{}.IsZero())
	require.False(t, Position{N: 1}.IsZero())
}

func TestPositionEnd(t *testing.T) {
	p := NewPosition(5, 6, 7)
	require.Equal(t, "21474836486-18446744073709551615", p.End().String())
	require.False(t, p.End().Before(p))
	require.True(t, p.End().Before(NewPosition(5, 7, 0)), "the next cluster time is later")
}

func TestPositionIsTextInJSON(t *testing.T) {
	p := NewPosition(1_800_000_000, 1, 2)
	text, err := json.Marshal(map[string]any{"p": p})
	require.NoError(t, err)
	require.JSONEq(t, `{"p":"`+p.String()+`"}`, string(text))
	var read struct{ P Position }
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, p, read.P)
	require.Error(t, json.Unmarshal([]byte(`{"p":7571873042433146881}`), &read), "a number is not a position")
	require.Error(t, json.Unmarshal([]byte(`{"p":"now"}`), &read))
}

func FuzzParsePosition(f *testing.F) {
	for _, text := range []string{"0-0", "7571873042433146881-0", "1-18446744073709551615", "1-", "-", "01-1", "+1-1", "18446744073709551616-0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePosition(text)
		if err != nil {
			require.True(t, p.IsZero(), "an error returns no position")
			return
		}
		require.Equal(t, text, p.String(), "a position has exactly one text")
		again, err := ParsePosition(p.String())
		require.NoError(t, err)
		require.Zero(t, p.Compare(again))
	})
}

// Compare is a total order and agrees with the two halves.
func FuzzPositionCompare(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint64(1), uint64(3))
	f.Add(uint64(1)<<53, uint64(0), uint64(1)<<53+1, uint64(0))
	f.Fuzz(func(t *testing.T, time1, n1, time2, n2 uint64) {
		p, q := Position{Time: time1, N: n1}, Position{Time: time2, N: n2}
		require.Equal(t, p.Compare(q), -q.Compare(p))
		require.Equal(t, p == q, p.Compare(q) == 0)
		require.Equal(t, p.Before(q), time1 < time2 || time1 == time2 && n1 < n2)
		require.Equal(t, p.Time, NewPosition(p.T(), p.I(), 0).Time)
	})
}

func TestPreviousPosition(t *testing.T) {
	for _, p := range []Position{NewPosition(5, 0, 0), NewPosition(5, 1, 7), {Time: 1}} {
		q := p.Previous()
		require.True(t, q.Before(p))
		if p.N == 0 {
			require.Equal(t, Position{Time: p.Time - 1}.End(), q)
		}
	}
	require.True(t, Position{}.Previous().IsZero())
}
