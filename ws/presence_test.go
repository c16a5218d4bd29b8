package ws

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/events"
)

const present = `"presence":true`

// members reads presence frames up to the one that says n.
func (c *client) members(n int) {
	c.t.Helper()
	for {
		f := c.Until("presence")
		require.Equal(c.t, "workspace:default", f.Room)
		if f.Members == n {
			return
		}
	}
}

func TestPresenceOverTwoInstances(t *testing.T) {
	w := newHarness(t, events.Config{})
	a, b := w.open(Config{}), w.open(Config{})
	one := a.dial()
	one.Join("workspace:default", "", present)
	f := one.Read()
	require.Equal(t, "presence", f.Event, "a member counts itself at once")
	require.Equal(t, 1, f.Members)

	silent := a.dial() // did not ask for presence
	silent.Join("workspace:default", "")
	two := b.dial()
	two.Join("workspace:default", "", present)
	two.members(2)
	one.members(2)
	three := a.dial()
	three.Join("workspace:default", "", present)
	for _, c := range []*client{one, two, three} {
		c.members(3)
	}
	three.Close()
	one.members(2)
	two.members(2)
	two.Send(`{"op":"leave","room":"workspace:default"}`)
	two.Until("ack")
	one.members(1)
	two.Join("workspace:default", "", present)
	one.members(2)

	late := w.open(Config{}).dial() // an instance that starts later learns the numbers of the others
	late.Join("workspace:default", "", present)
	late.members(3)

	b.stop() // a stopping instance announces that it has no members
	one.members(2)
	require.Empty(t, silent.Pending())
}

func TestASilentInstanceHasNoMembers(t *testing.T) {
	p := newPresence("me")
	p.receive(events.Presence{Instance: "other", Members: map[string]int{"r": 2}, Complete: true})
	p.receive(events.Presence{Instance: "me", Members: map[string]int{"r": 9}, Complete: true})
	require.Equal(t, 2, p.members("r"))
	p.receive(events.Presence{Instance: "other", Members: map[string]int{"s": 1}, Complete: false})
	require.Equal(t, 2, p.members("r"))
	p.expire()
	require.Equal(t, 2, p.members("r"))
	p.others["other"].lastHeard = p.others["other"].lastHeard.Add(-presenceExpiry)
	p.expire()
	require.Zero(t, p.members("r"))
	notify, _ := p.takeChanges()
	require.Contains(t, notify, "r")
	require.Contains(t, notify, "s")

	p.receive(events.Presence{Instance: "other", Members: map[string]int{"r": 1, "s": 1}, Complete: true})
	p.takeChanges()
	p.receive(events.Presence{Instance: "other", Members: map[string]int{"s": 1}, Complete: true})
	require.Zero(t, p.members("r"), "a complete announcement replaces the earlier ones")
	notify, _ = p.takeChanges()
	require.Contains(t, notify, "r")
}
