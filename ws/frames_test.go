package ws

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// framesOf are the frames of a change, room by room, through its entry in Redis.
func framesOf(t *testing.T, c grapevine.Change) []string {
	t.Helper()
	w := newWorld(t, events.Config{})
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
	p := grapevine.At(testSecond, 7, 0)
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
		encodeFrame(refusal{"error", &ref, unknownRoom, contacts.roomNames()}),
		encodeFrame(refusal{"error", nil, badRequest, "op is join, leave or ping"}),
		presenceFrame("workspace:default", 3),
		stateFrame(true),
		stateFrame(false),
	} {
		list = append(list, payload(f))
	}
	return list
}

func TestGoldenFrames(t *testing.T) {
	const path = "testdata/frames.golden"
	got := []byte(strings.Join(goldenFrames(t), "\n") + "\n")
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// The description in asyncapi.json is held true by the frames themselves.
func TestFramesAreAsDescribed(t *testing.T) {
	var doc struct {
		AsyncAPI   string
		Components struct {
			Messages map[string]struct {
				Payload  json.RawMessage
				Examples []struct{ Payload json.RawMessage }
			}
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(AsyncAPI))
	require.NoError(t, decoder.Decode(&doc))
	require.Equal(t, "3.0.0", doc.AsyncAPI)

	schemas := map[string]*openapi3.Schema{}
	for name, m := range doc.Components.Messages {
		s := &openapi3.Schema{}
		require.NoError(t, json.Unmarshal(m.Payload, s), name)
		schemas[name] = s
		require.NotEmpty(t, m.Examples, name)
		for _, e := range m.Examples {
			var v any
			require.NoError(t, json.Unmarshal(e.Payload, &v))
			require.NoError(t, s.VisitJSON(v), "%s: %s", name, e.Payload)
		}
	}
	described := map[string]bool{}
	for _, f := range goldenFrames(t) {
		var v any
		require.NoError(t, json.Unmarshal([]byte(f), &v), f)
		var matches []string
		for name, s := range schemas {
			if s.VisitJSON(v) == nil {
				matches = append(matches, name)
				described[name] = true
			}
		}
		require.Len(t, matches, 1, "%s is described by %v", f, matches)
	}
	for _, name := range []string{"created", "updated", "deleted", "resync", "ack", "error", "presence", "state"} {
		require.True(t, described[name], "no frame is a %s", name)
	}
}

func TestHeaderOfEachLength(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 65535, 65536} {
		f := textFrame(strings.Repeat("x", n))
		require.Len(t, payload(f), n)
		require.Len(t, f.appendTo(nil), f.size())
	}
}
