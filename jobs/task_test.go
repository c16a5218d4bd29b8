package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"grapevine"
)

const someContact = "6560c1d2e3f4a5b6c7d8e9f0"

func TestTaskIDDeterminesTheTask(t *testing.T) {
	minute := time.Date(2026, 11, 23, 0, 22, 0, 0, time.UTC)
	for _, want := range []task{welcomeTask(someContact), digestTask("default", minute), digestTask("a-b-1", minute)} {
		got, ok := parseTaskID(want.id)
		require.True(t, ok, want.id)
		require.Equal(t, want, got)
	}
	require.Equal(t, "welcome:"+someContact, welcomeTask(someContact).id)
	require.Equal(t, "digest:default:2026-11-23T00.22Z", digestTask("default", minute).id)
	require.Equal(t, minute.Add(61*time.Second), digestTask("default", minute).due, "a digest is due after its minute")
}

func TestForeignTaskIDs(t *testing.T) {
	for _, id := range []string{
		"", "welcome:", "welcome:x", "WELCOME:" + someContact, "welcome:" + strings.ToUpper(someContact),
		"digest:", "digest:default", "digest:default:", "digest:Default:2026-11-23T00.22Z",
		"digest:default:2026-11-23T00:22Z", "digest:default:2026-11-23T00.22Z:x", "4f2c1e9e-6d0b-4a9e-9b1e-1c2d3e4f5a6b",
	} {
		_, ok := parseTaskID(id)
		assert.False(t, ok, "%q", id)
	}
}

func TestPayloadHoldsOnlyIDs(t *testing.T) {
	require.JSONEq(t, `{"contact":"`+someContact+`"}`, string(welcomeTask(someContact).payload))
	minute := time.Date(2026, 11, 23, 0, 22, 0, 0, time.UTC)
	require.JSONEq(t, `{"workspace":"default","minute":"2026-11-23T00:22:00Z"}`, string(digestTask("default", minute).payload))
}

func FuzzTaskID(f *testing.F) {
	f.Add("welcome:" + someContact)
	f.Add("digest:default:2026-11-23T00.22Z")
	f.Add("digest:a:b:c")
	f.Fuzz(func(t *testing.T, id string) {
		if got, ok := parseTaskID(id); ok {
			require.Equal(t, id, got.id, "a task made from an id has that id")
		}
	})
}

func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"contact":"` + someContact + `"}`))
	f.Add([]byte(`{"workspace":"default","minute":"2026-11-23T00:22:00Z"}`))
	f.Add([]byte(`{"workspace":"default","minute":"2026-11-23T00:22:01Z"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if contact, err := decodeWelcome(payload); err == nil {
			require.True(t, grapevine.ValidID(contact))
		}
		if d, err := decodeDigest(payload); err == nil {
			require.True(t, grapevine.ValidWorkspace(d.Workspace))
			require.Zero(t, d.Minute.Second())
		}
		if shown := formatPayload(TypeWelcome, payload); shown != notShown {
			_, err := decodeWelcome([]byte(shown))
			require.NoError(t, err, "only the id is shown")
		}
	})
}
