package ws

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/asyncapi"
	"grapevine/internal/realtest"
)

// framesOf are the frames of a change, room by room, through its entry in Redis.
func framesOf(t *testing.T, c grapevine.Change) []string {
	t.Helper()
	w := newHarness(t, events.Config{})
	w.apply(c)
	found, err := w.reader.UpTo(t.Context(), c.Position, 1)
	require.NoError(t, err)
	e := newEntries(found)[0]
	require.Equal(t, c.Position, e.Position)
	var list []string
	if e.resync != nil {
		list = append(list, payload(e.resync))
	}
	for i := range e.Deliveries {
		list = append(list, payload(e.frame(i)))
	}
	return list
}

// payload is a frame without its WebSocket header.
func payload(f *frame) string {
	b := f.appendTo(nil)
	header := 2
	switch b[1] {
	case 126:
		header = 4
	case 127:
		header = 10
	}
	return string(b[header:])
}

func goldenFrames(t *testing.T) []string {
	t.Helper()
	at := time.Date(2026, 9, 21, 12, 53, 20, 45_600_000, time.UTC)
	before, after := person(1), person(1)
	before.Owner, after.Owner = `"Ann" <ann@example.org>`, "bob"
	after.Workspace, after.Notes, after.Tags = "sales", "she said <b>\"no\"</b>", []string{"vip"}
	p := grapevine.NewPosition(testSecond, 7, 0)
	yes, no, ref := true, false, "1"
	var list []string
	for _, c := range []grapevine.Change{
		{Op: grapevine.Created, Position: p, At: at, ID: after.ID, After: after, Source: grapevine.API},
		{Op: grapevine.Updated, Position: p, At: at, ID: after.ID, Before: after, After: after, Changed: []string{"notes", "tags"}, Source: grapevine.Direct},
		{Op: grapevine.Updated, Position: p, At: at, ID: after.ID, Before: before, After: after, Changed: []string{"owner", "workspace"}, Source: grapevine.API},
		{Op: grapevine.Deleted, Position: p, At: at, ID: after.ID, Before: after},
		{Op: grapevine.Resync, Position: p, Reason: `collection "contacts" was dropped`},
		{Op: grapevine.Heartbeat, Position: p},
	} {
		list = append(list, framesOf(t, c)...)
	}
	for _, f := range []*frame{
		encodeFrame(ack{Op: "ack", Ref: &ref, Room: "workspace:default", Position: &p, Recovered: &yes}),
		encodeFrame(ack{Op: "ack", Ref: &ref, Room: "owner:bob", Position: &p, Recovered: &no}),
		encodeFrame(ack{Op: "ack", Ref: &ref, Room: "owner:bob"}),
		encodeFrame(ack{Op: "ack", Position: &p}),
		encodeFrame(errorReply{"error", &ref, unknownRoom, contactsNamespace.roomNames()}),
		encodeFrame(errorReply{"error", nil, badRequest, "op is join, leave or ping"}),
		presenceFrame("workspace:default", 3),
		stateFrame(true),
		stateFrame(false),
	} {
		list = append(list, payload(f))
	}
	return list
}

func TestGoldenFrames(t *testing.T) {
	realtest.RequireGolden(t, "frames.golden", strings.Join(goldenFrames(t), "\n")+"\n")
}

// Each frame of this package is described by exactly one message of asyncapi.json. The app's tests match the
// frames of the room "pipeline".
func TestFramesAreAsDescribed(t *testing.T) {
	doc := asyncapi.Load(t, AsyncAPI)
	found := map[string]bool{}
	for _, f := range goldenFrames(t) {
		found[doc.Match(t, []byte(f))] = true
	}
	for _, name := range []string{"created", "updated", "deleted", "resync", "ack", "error", "presence", "state"} {
		require.True(t, found[name], "no frame is a %s", name)
	}
}

func TestHeaderOfEachLength(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 65535, 65536} {
		f := textFrame(strings.Repeat("x", n))
		require.Len(t, payload(f), n)
		require.Len(t, f.appendTo(nil), f.size())
	}
}
