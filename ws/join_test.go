package ws

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
)

func TestJoinLeavePing(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(1))
	p := w.open(Config{})
	here := p.follower.Watermark()
	c := p.dial()

	ack := c.Join("workspace:default", "")
	require.Equal(t, here.String(), ack.Position)
	require.False(t, *ack.Recovered)

	change := w.created(2)
	w.apply(change)
	f := c.Read()
	require.Equal(t, "contact:created", f.Event)
	require.Equal(t, change.Position.String(), f.Position)
	require.Equal(t, "Nr 2", f.ContactFields()["lastName"])

	beat := w.heartbeat()
	w.apply(beat)
	require.NoError(t, p.follower.WaitFor(t.Context(), beat.Position))
	require.Eventually(t, func() bool {
		c.Send(`{"op":"ping","ref":"p"}`)
		pong := c.Read()
		return pong.Ref == "p" && pong.Position == beat.Position.String()
	}, soon, poll, "the heartbeat moves the position of a quiet client")

	c.Send(`{"op":"leave","ref":"l","room":"workspace:default"}`)
	require.JSONEq(t, `{"op":"ack","ref":"l","room":"workspace:default"}`, c.Read().Text)
	w.apply(w.created(3))
	require.NoError(t, p.follower.WaitFor(t.Context(), change.Position))
	c.Send(`{"op":"leave","ref":"l2","room":"workspace:default"}`)
	f = c.Read()
	require.Equal(t, "not-joined", f.Code)
	require.Equal(t, "l2", f.Ref)
}

func TestRefusals(t *testing.T) {
	w := newHarness(t, events.Config{})
	p := w.open(Config{Rate: 1000})
	c := p.dial()
	for _, test := range []struct{ send, code, ref string }{
		{`{}`, "bad-request", ""},
		{`{"op":"join","ref":"1"}`, "unknown-room", "1"},
		{`{"op":"join","ref":"2","room":"pipeline"}`, "unknown-room", "2"},
		{`{"op":"join","ref":"3","room":"workspace:A"}`, "unknown-room", "3"},
		{`{"op":"join","ref":"4","room":"contact:12"}`, "unknown-room", "4"},
		{`{"op":"join","ref":"5","room":"owner:"}`, "unknown-room", "5"},
		{`{"op":"join","ref":"6","room":"workspace:a","since":"1"}`, "bad-position", "6"},
		{`{"op":"join","ref":"7","room":"workspace:a","since":7}`, "bad-position", "7"},
		{`{"op":"join","ref":"8","room":"workspace:a","Since":"1-0"}`, "bad-request", "8"},
		{`{"op":"join","ref":"9","room":["workspace:a"]}`, "bad-request", "9"},
		{`{"op":"leave","ref":"10","room":"workspace:a"}`, "not-joined", "10"},
		{`{"op":"shout","ref":"11"}`, "bad-request", "11"},
		{`{"op":"ping","ref":12}`, "bad-request", ""},
		{`{"op":"ping","ref":"13","since":"1-0"}`, "bad-request", "13"},
	} {
		c.Send("%s", test.send)
		f := c.Read()
		require.Equal(t, "error", f.Op, test.send)
		require.Equal(t, test.code, f.Code, test.send)
		require.Equal(t, test.ref, f.Ref, test.send)
		require.NotEmpty(t, f.Message, test.send)
	}
}

func TestARoomIsJoinedOnceAndAtMostTwenty(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.heartbeat())
	p := w.open(Config{Rate: 1000})
	c := p.dial()
	for i := range 20 {
		c.Join(fmt.Sprintf("workspace:w%d", i), "")
	}
	c.Join("workspace:w3", "")
	c.Send(`{"op":"join","ref":"x","room":"workspace:w20"}`)
	require.Equal(t, "too-many-rooms", c.Read().Code)
	require.Equal(t, 20, p.hub.Stats().Rooms)

	change := w.created(1)
	change.After.Workspace = "w3"
	w.apply(change)
	require.Equal(t, "workspace:w3", c.Read().Room)
	c.Send(`{"op":"ping","ref":"p"}`)
	require.Equal(t, "ack", c.Read().Op, "joining twice does not deliver twice")
}

func TestWhatEndsASocket(t *testing.T) {
	w := newHarness(t, events.Config{})
	p := w.open(Config{})
	for name, test := range map[string]struct {
		kind int
		send string
		code int
	}{
		"no object":     {1, `[1]`, 4400},
		"null":          {1, `null`, 4400},
		"no JSON":       {1, `{"op":`, 4400},
		"two documents": {1, `{"op":"ping"}{"op":"ping"}`, 4400},
		"binary":        {2, `{"op":"ping"}`, 4400},
		"empty":         {1, ``, 4400},
		"not UTF-8":     {1, "{\"op\":\"\xff\"}", 1007},
		"too long":      {1, `{"op":"` + strings.Repeat("x", 4096) + `"}`, 1009},
	} {
		t.Run(name, func(t *testing.T) {
			c := p.dial()
			require.NoError(t, c.Conn.WriteMessage(test.kind, []byte(test.send)))
			require.Equal(t, test.code, c.CloseCode())
		})
	}
	t.Run("too fast", func(t *testing.T) {
		c := p.dial()
		for range 41 {
			c.Send(`{"op":"ping"}`)
		}
		require.Equal(t, 1008, c.CloseCode())
	})
	require.Eventually(t, func() bool { return p.hub.Stats().Sockets == 0 }, soon, poll)
}

// A contact that moves is deleted in its old room and created in its new one. In its own room it is updated.
func TestAContactMoves(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.heartbeat())
	p := w.open(Config{})
	move := grapevine.Change{
		Op: grapevine.Updated, Position: w.position(), ID: person(1).ID, Before: person(1), After: person(1),
		Changed: []string{"notes", "owner", "workspace"},
	}
	move.Before.Owner, move.After.Owner = "ann", "bob"
	move.After.Workspace, move.After.Notes = "sales", "only for the new rooms"
	want := map[string]string{
		"workspace:default": "contact:deleted", "workspace:sales": "contact:created",
		"owner:ann": "contact:deleted", "owner:bob": "contact:created", "contact:" + move.ID: "contact:updated",
	}
	clients := map[string]*client{}
	for room := range want {
		clients[room] = p.dial()
		clients[room].Join(room, "")
	}
	w.apply(move)
	for room, event := range want {
		f := clients[room].Read()
		require.Equal(t, event, f.Event, room)
		require.Equal(t, room, f.Room)
		require.Equal(t, move.Position.String(), f.Position)
		if event == "contact:deleted" {
			require.Equal(t, "moved", f.Reason)
			require.Empty(t, f.ContactFields()["notes"], "the frame has the contact as it was in that room")
		} else {
			require.Empty(t, f.Reason)
			require.Equal(t, "sales", f.ContactFields()["workspace"])
		}
	}
}

func TestAPanicTellsTheClientNothing(t *testing.T) {
	p := newHarness(t, events.Config{}).open(Config{Ping: func(context.Context) (grapevine.Position, error) {
		panic("mongodb://user:secret@host")
	}})
	c := p.dial()
	c.Send(`{"op":"join","room":"workspace:default","since":"9-0"}`)
	require.Equal(t, 1011, c.CloseCode())
	require.NotContains(t, c.Err().Error(), "secret")
	c = p.dial()
	c.Join("workspace:default", "")
}
