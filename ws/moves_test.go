package ws

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest/wsclient"
)

// edited is a change of a contact from one state to another, at the next position.
func (w *harness) edited(before, after *grapevine.Contact, changed ...string) grapevine.Change {
	return grapevine.Change{
		Op: grapevine.Updated, Position: w.position(), ID: after.ID, Before: before, After: after, Changed: changed, Source: grapevine.API,
	}
}

// stay is what happens to a contact that is in A, goes to B with the same owner, is edited there five times and comes back.
func (w *harness) stay() (there []grapevine.Change, back grapevine.Change) {
	state := func(workspace, notes string) *grapevine.Contact {
		c := person(1)
		c.Workspace, c.Owner, c.Notes = workspace, "ann", notes
		return c
	}
	a := state("a", "of A")
	there = append(there, w.edited(a, state("b", "of B 0"), "notes", "workspace"))
	for n := range 5 {
		there = append(there, w.edited(state("b", fmt.Sprint("of B ", n)), state("b", fmt.Sprint("of B ", n+1)), "notes"))
	}
	return there, w.edited(state("b", "of B 5"), state("a", "back"), "notes", "workspace")
}

// Who may see A sees the end of the contact there, nothing of its time in B, and its return: in all rooms, live and in a
// replay.
func TestNothingOfAnotherWorkspaceIsSeen(t *testing.T) {
	w := newHarness(t, events.Config{})
	first := w.created(1)
	first.After.Workspace, first.After.Owner = "a", "ann"
	w.apply(first)
	there, back := w.stay()
	p := w.open(Config{})
	rooms := func(workspace string) []string {
		return []string{"workspace:" + workspace, "owner:ann", "contact:" + first.ID}
	}
	clients := map[string][]*client{}
	for _, workspace := range []string{"a", "b", "c"} {
		for _, room := range rooms(workspace) {
			c := p.dialIn(workspace)
			c.Join(room, "")
			clients[workspace] = append(clients[workspace], c)
		}
	}
	w.apply(there...)
	w.apply(back)
	for workspace, live := range clients {
		for i, room := range rooms(workspace) {
			late := p.dialIn(workspace)
			require.True(t, late.Join(room, first.Position.String()).IsRecovered())
			for _, c := range []*client{live[i], late} {
				c.requireStay(workspace, room, there, back)
			}
		}
	}
}

// requireStay reads what a client must see of harness.stay in a room of a workspace, and nothing else.
func (c *client) requireStay(workspace, room string, there []grapevine.Change, back grapevine.Change) {
	c.t.Helper()
	see := func(event, reason, notes string, change grapevine.Change) {
		c.t.Helper()
		f := c.Read()
		require.Equal(c.t, []string{event, reason, room, change.Position.String()}, []string{f.Event, f.Reason, f.Room, f.Position}, f.Text)
		require.Equal(c.t, notes, f.ContactFields()["notes"])
		require.Equal(c.t, workspace, f.ContactFields()["workspace"])
	}
	switch workspace {
	case "a":
		see("contact:deleted", "moved", "of A", there[0])
		see("contact:created", "", "back", back)
	case "b":
		see("contact:created", "", "of B 0", there[0])
		for n, change := range there[1:] {
			see("contact:updated", "", fmt.Sprint("of B ", n+1), change)
		}
		see("contact:deleted", "moved", "of B 5", back)
	}
	c.requireNothingUntil(back.Position)
}

// requireNothingUntil pings until everything up to a position has been sent, and no event comes meanwhile.
func (c *client) requireNothingUntil(end grapevine.Position) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		c.Send(`{"op":"ping","ref":"end"}`)
		f := c.Read()
		require.Equal(c.t, "end", f.Ref, f.Text)
		return f.Position == end.String()
	}, soon, 50*time.Millisecond)
}

// A contact that gets another owner and stays leaves one room only.
func TestAContactGetsAnotherOwner(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.heartbeat())
	p := w.open(Config{})
	before, after := person(1), person(1)
	before.Owner, after.Owner = "ann", "bob"
	want := map[string]string{
		"workspace:default": "contact:updated", "owner:ann": "contact:deleted", "owner:bob": "contact:created", "contact:" + after.ID: "contact:updated",
	}
	clients := map[string]*client{}
	for room := range want {
		clients[room] = p.dial()
		clients[room].Join(room, "")
	}
	w.apply(w.edited(before, after, "owner"))
	for room, event := range want {
		f := clients[room].Read()
		require.Equal(t, event, f.Event, room)
		require.Equal(t, event == "contact:deleted", f.Reason == "moved", room)
	}
}

// Presence, imports and the room of another workspace.
func TestASocketBelongsToOneWorkspace(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	p, other := w.open(Config{}), w.open(Config{})
	a, b := p.dialIn("a"), other.dial("Workspace", "b")
	for _, c := range []*client{a, b} {
		c.Join("owner:ann", "", present)
		require.Equal(t, 1, c.Until("presence").Members)
	}
	second := other.dialIn("a")
	second.Join("owner:ann", "", present)
	for _, c := range []*client{a, second} {
		c.Next(func(f wsclient.Frame) bool { return f.Event == "presence" && f.Members == 2 })
	}
	a.Send(`{"op":"join","ref":"x","room":"workspace:b"}`)
	f := a.Until("error")
	require.Equal(t, "forbidden", f.Code)
	require.Equal(t, "x", f.Ref)
	a.Join("workspace:a", "")
	b.Join("workspace:b", "")
	require.NoError(t, w.signals.Send(t.Context(), map[string]string{"event": "import", "room": "workspace:b", "id": "1"}))
	require.NoError(t, w.signals.Send(t.Context(), map[string]string{"event": "import", "room": "workspace:a", "id": "2"}))
	require.Contains(t, b.Until("import").Text, `"id":"1"`)
	require.Contains(t, a.Until("import").Text, `"id":"2"`)
	require.Empty(t, a.Pending())
	require.Empty(t, b.Pending())
}

func TestTheWorkspaceOfASocket(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	p := w.open(Config{})
	for _, test := range []struct {
		path, header string
		status       int
		workspace    string
	}{
		{"/ws/contacts", "", 101, "default"},
		{"/ws/contacts?workspace=a", "", 101, "a"},
		{"/ws/contacts", "a", 101, "a"},
		{"/ws/contacts?workspace=a", "a", 101, "a"},
		{"/ws/contacts?workspace=a", "b", 400, ""},
		{"/ws/contacts?workspace=a&workspace=b", "", 400, ""},
		{"/ws/contacts?workspace=", "", 400, ""},
		{"/ws/contacts?workspace=A", "", 400, ""},
		{"/ws/contacts?Workspace=a", "", 400, ""},
		{"/ws/contacts", "A b", 400, ""},
		{"/ws/pipeline?workspace=a", "", 400, ""},
	} {
		var header []string
		if test.header != "" {
			header = []string{"Workspace", test.header}
		}
		conn, status, err := p.connect(test.path, header...)
		require.Equal(t, test.status, status, "%s %s", test.path, test.header)
		if err == nil {
			require.NoError(t, conn.Join("workspace:"+test.workspace, ""))
			f, err := conn.Read(soon)
			require.NoError(t, err)
			require.Equal(t, "ack", f.Op, f.Text)
			require.NoError(t, conn.Close())
		}
	}
}
