package grapevine

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Different queries must never share a cached answer.
func TestQueryKeysDiffer(t *testing.T) {
	queries := []Query{
		{Limit: 50},
		{Limit: 51},
		{Limit: 50, Text: "x"},
		{Limit: 50, Sort: ByName},
		{Limit: 50, Sort: ByNameDesc},
		{Limit: 50, Company: "x"},
		{Limit: 50, Tags: []string{"x"}},
		{Limit: 50, Words: "x"},
		{Limit: 50, Kind: Person},
		{Limit: 50, Kind: Organization},
		{Limit: 50, Owner: "x"},
		{Limit: 50, Without: []string{"x"}},
		{Limit: 50, After: "x"},
		{Limit: 50, Expand: true},
		{Limit: 50, Company: "x&owner=y"},
		{Limit: 50, Company: "x", Owner: "y"},
		{Limit: 50, Company: "x ", Owner: "y"},
		{Limit: 50, Owner: "x&expand=organization"},
		{Limit: 50, Owner: "x", Expand: true},
	}
	seen := map[string]Query{}
	for _, q := range queries {
		other, exists := seen[q.Key()]
		require.False(t, exists, "%+v and %+v have the same key %s", q, other, q.Key())
		seen[q.Key()] = q
	}
	a, b := Query{Limit: 50, Workspace: "one"}, Query{Limit: 50, Workspace: "two"}
	require.Equal(t, a.Key(), b.Key(), "the workspace belongs to the cache scope, not to the key")
}

func FuzzQueryKey(f *testing.F) {
	f.Add("a", "b", "a&owner=b", "")
	f.Add("", "=", "%", "\xff")
	f.Fuzz(func(t *testing.T, company, owner, company2, owner2 string) {
		p := Query{Limit: 50, Company: company, Owner: owner}
		q := Query{Limit: 50, Company: company2, Owner: owner2}
		require.Equal(t, company == company2 && owner == owner2, p.Key() == q.Key())
	})
}

func TestSortFields(t *testing.T) {
	require.Equal(t, "createdAt", ByCreatedDesc.Field())
	require.True(t, ByCreatedDesc.Descending())
	require.Equal(t, "createdAt", ByCreated.Field())
	require.False(t, ByCreated.Descending())
}

func TestErrorCode(t *testing.T) {
	e := &Error{Code: Unavailable, Message: "MongoDB does not answer at present", RetryAfter: time.Second, Cause: io.ErrUnexpectedEOF}
	wrapped := fmt.Errorf("list: %w", e)
	require.Equal(t, Unavailable, ErrorCode(wrapped))
	require.ErrorIs(t, wrapped, io.ErrUnexpectedEOF)
	require.Contains(t, e.Error(), "unexpected EOF", "the log needs the cause")
	require.Equal(t, "no", (&Error{Message: "no"}).Error())
	require.Equal(t, Internal, ErrorCode(errors.New("anything else")))
	require.Equal(t, Internal, ErrorCode(nil))
}

func TestDeadLetterNamesPositionAndReason(t *testing.T) {
	err := fmt.Errorf("append: %w", &DeadLetter{Position: NewPosition(1, 2, 3), Reason: "too large"})
	dead, ok := errors.AsType[*DeadLetter](err)
	require.True(t, ok)
	require.Equal(t, NewPosition(1, 2, 3), dead.Position)
	require.Contains(t, err.Error(), "4294967298-3")
	require.Contains(t, err.Error(), "too large")
}
