package events

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
		"created":                     {nil, at("a", ""), "+workspace:a +contact:x"},
		"created with owner":          {nil, at("a", "ann"), "+workspace:a +owner:ann +contact:x"},
		"updated":                     {at("a", "ann"), at("a", "ann"), "=workspace:a =owner:ann =contact:x"},
		"workspace changed":           {at("a", "ann"), at("b", "ann"), "<workspace:a +workspace:b =owner:ann =contact:x"},
		"owner changed":               {at("a", "ann"), at("a", "bob"), "=workspace:a <owner:ann +owner:bob =contact:x"},
		"owner added":                 {at("a", ""), at("a", "bob"), "=workspace:a +owner:bob =contact:x"},
		"owner removed":               {at("a", "ann"), at("a", ""), "=workspace:a <owner:ann =contact:x"},
		"workspace and owner changed": {at("a", "ann"), at("b", "bob"), "<workspace:a +workspace:b <owner:ann +owner:bob =contact:x"},
		"deleted":                     {at("a", "ann"), nil, "-workspace:a -owner:ann -contact:x"},
		"invalid names":               {nil, at("A b", "two\nlines"), "+contact:x"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, strings.ReplaceAll(roomsOf("x", test.before, test.after), "\n", " "))
		})
	}
}

func TestFramesAreBoundedAndUTF8(t *testing.T) {
	w := grapevine.Change{Op: grapevine.Created, Position: grapevine.NewPosition(5, 1, 0), ID: "x", After: person(1)}

	w.After.Notes = strings.Repeat("x", maxContactJSON)
	r, err := newPendingEntry(&w)
	require.NoError(t, err)
	require.Contains(t, r.body, `"contact":null,"truncated":true`)

	w.After = person(1)
	w.After.Notes = "\xff"
	r, err = newPendingEntry(&w)
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(`{`+r.body)))
	require.Contains(t, r.body, `\ufffd`, "a frame is UTF-8, whatever is stored")
	require.Contains(t, r.body, `"tags":[]`)
}

func TestAContactWithoutJSONIsADeadLetter(t *testing.T) {
	c := person(1)
	c.CreatedAt.Time = time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := newPendingEntry(&grapevine.Change{Op: grapevine.Created, Position: grapevine.NewPosition(5, 1, 0), ID: "x", After: c})
	var dead *grapevine.DeadLetter
	require.ErrorAs(t, err, &dead)
	require.Equal(t, grapevine.NewPosition(5, 1, 0), dead.Position)
}

func TestADeletionWithoutAPreImageIsAResync(t *testing.T) {
	r, err := newPendingEntry(&grapevine.Change{Op: grapevine.Deleted, Position: grapevine.NewPosition(5, 1, 0), ID: "x"})
	require.NoError(t, err)
	require.Equal(t, grapevine.Resync, r.op)
}

// An owner that the API accepts has a room, in any script.
func TestEveryOwnerHasARoom(t *testing.T) {
	longest := strings.Repeat("😀", grapevine.MaxName)
	require.Contains(t, roomsOf("1", nil, &grapevine.Contact{Owner: longest}), longest)
	require.True(t, ValidRoom("owner:"+longest))
	require.False(t, ValidRoom("owner:"+longest+"x"))
}

// Clients learn that lists have to place the contact anew, and no digest counts it.
func TestAChangeOfTheDerivedPartIsToldAndNotCounted(t *testing.T) {
	contact := person(1)
	contact.Workspace, contact.Owner = "a", "ann"
	e, err := newPendingEntry(&grapevine.Change{
		Op: grapevine.Updated, Position: grapevine.NewPosition(5, 1, 0), ID: contact.ID, Before: contact, After: contact, Changed: []string{}, DerivedOnly: true,
	})
	require.NoError(t, err)
	require.Contains(t, e.body, `"changed":[]`)
	told := deliveries(e.rooms, e.body, "")
	require.Len(t, told, 3)
	for _, d := range told {
		require.Contains(t, d.Head, contactUpdated)
	}
	byWorkspace := map[string]counts{}
	addCounts(byWorkspace, e.rooms)
	require.Zero(t, byWorkspace["a"])
}
