package ws

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestRoomsOfAChange(t *testing.T) {
	at := func(workspace, owner string) *grapevine.Contact {
		return &grapevine.Contact{Workspace: workspace, Owner: owner}
	}
	for name, test := range map[string]struct {
		before, after *grapevine.Contact
		want          string
	}{
		"created":              {nil, at("a", ""), "+workspace:a +contact:x"},
		"created with owner":   {nil, at("a", "ann"), "+workspace:a +owner:ann +contact:x"},
		"updated":              {at("a", "ann"), at("a", "ann"), "=workspace:a =owner:ann =contact:x"},
		"moved":                {at("a", "ann"), at("b", "ann"), "<workspace:a +workspace:b =owner:ann =contact:x"},
		"handed over":          {at("a", "ann"), at("a", "bob"), "=workspace:a <owner:ann +owner:bob =contact:x"},
		"taken":                {at("a", ""), at("a", "bob"), "=workspace:a +owner:bob =contact:x"},
		"given up":             {at("a", "ann"), at("a", ""), "=workspace:a <owner:ann =contact:x"},
		"both":                 {at("a", "ann"), at("b", "bob"), "<workspace:a +workspace:b <owner:ann +owner:bob =contact:x"},
		"deleted":              {at("a", "ann"), nil, "-workspace:a -owner:ann -contact:x"},
		"no room for nonsense": {nil, at("A b", "two\nlines"), "+contact:x"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, strings.ReplaceAll(rooms("x", test.before, test.after), "\n", " "))
		})
	}
}

func TestWhatAFrameLeavesOut(t *testing.T) {
	w := grapevine.Change{Op: grapevine.Created, Position: grapevine.At(5, 1, 0), ID: "x", After: person(1)}

	w.After.Notes = strings.Repeat("x", maxContact)
	r, err := render(&w)
	require.NoError(t, err)
	require.Contains(t, r.body, `"contact":null,"truncated":true`)

	w.After = person(1)
	w.After.Notes = "\xff"
	r, err = render(&w)
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(`{`+r.body)))
	require.Contains(t, r.body, `\ufffd`, "a frame is UTF-8 whatever was stored")
	require.Contains(t, r.body, `"tags":[]`)
}

func TestAContactWithoutJSONIsDead(t *testing.T) {
	c := person(1)
	c.CreatedAt.Time = time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := render(&grapevine.Change{Op: grapevine.Created, Position: grapevine.At(5, 1, 0), ID: "x", After: c})
	var dead *grapevine.DeadLetter
	require.ErrorAs(t, err, &dead)
	require.Equal(t, grapevine.At(5, 1, 0), dead.Position)
}

func TestADeletionWithoutItsLastStateIsAResync(t *testing.T) {
	r, err := render(&grapevine.Change{Op: grapevine.Deleted, Position: grapevine.At(5, 1, 0), ID: "x"})
	require.NoError(t, err)
	require.Equal(t, grapevine.Resync, r.op)
}

func TestPrevious(t *testing.T) {
	for _, p := range []grapevine.Position{grapevine.At(5, 0, 0), grapevine.At(5, 1, 7), {Time: 1}} {
		q := previous(p)
		require.True(t, q.Before(p))
		if p.N == 0 {
			require.Equal(t, grapevine.Position{Time: p.Time - 1}.End(), q)
		}
	}
	require.True(t, previous(grapevine.Position{}).IsZero())
}
