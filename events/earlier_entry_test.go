package events

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine/internal/asyncapi"
)

// Entries that a program of data version 1 wrote are valid for the clients of today.
func TestEntriesOfTheProgramBeforeAreShownInTheShapeOfToday(t *testing.T) {
	text, err := os.ReadFile("../ws/asyncapi.json")
	require.NoError(t, err)
	doc := asyncapi.Load(t, text)
	const head, contact = `"position":"1795946686-1","at":"2026-11-29T09:24:46.700Z",`, `"contact":{"id":"6b0bf8be4b52a959a266a3a2","workspace":"default","kind":"person","firstName":"Ada","lastName":"Lovelace","fullName":"Ada Lovelace",` +
		`"email":"ada@example.org","phone":"+44 20","addresses":[{"city":"London"}],"tags":["vip"],"notes":"\"emails\":[ \"contact\":{","createdAt":"2026-11-29T09:24:46.687Z","updatedAt":"2026-11-29T09:24:46.687Z"}`
	for name, test := range map[string]struct {
		values map[string]any
		names  []string
		within []string
	}{
		"created": {
			map[string]any{"op": "created", "to": "+workspace:default\n+contact:6b0bf8be4b52a959a266a3a2", "body": head + contact + `,"source":"api"}`},
			[]string{"created", "created"},
			[]string{`"emails":[{"value":"ada@example.org"}]`, `"phones":[{"value":"+44 20"}]`, `"email":"ada@example.org"`, `"custom":[]`, `"city":"London"`, `"source":"api"`},
		},
		"updated": {
			map[string]any{"op": "updated", "to": "=workspace:default", "body": head + contact + `,"changed":["phone","notes","email"],"source":"direct"}`},
			[]string{"updated"},
			[]string{`"changed":["emails","notes","phones"]`},
		},
		"nothing changed": {
			map[string]any{"op": "updated", "to": "=workspace:default", "body": head + contact + `,"changed":[],"source":"direct"}`},
			[]string{"updated"},
			[]string{`"changed":[]`},
		},
		"moved": {
			map[string]any{
				"op": "updated", "to": "<workspace:default\n+workspace:other", "body": head + contact + `,"changed":["workspace"],"source":"api"}`,
				"left": head + contact + `,"source":"api"}`,
			},
			[]string{"deleted", "created"},
			[]string{`"emails":[{"value":"ada@example.org"}]`},
		},
		"deleted": {
			map[string]any{"op": "deleted", "to": "-workspace:default", "body": head + contact + `}`},
			[]string{"deleted"},
			[]string{`"emails":[{"value":"ada@example.org"}]`},
		},
		"too large": {
			map[string]any{"op": "created", "to": "+workspace:default", "body": head + `"contact":null,"truncated":true,"source":"api"}`},
			[]string{"created"},
			[]string{`"truncated":true`},
		},
	} {
		entry := parseEntry(redis.XMessage{ID: "1795946686-1", Values: test.values})
		var names []string
		for _, d := range entry.Deliveries {
			names = append(names, doc.Match(t, []byte(d.Head+d.Body)))
			for _, part := range test.within {
				require.Contains(t, d.Head+d.Body, part, name)
			}
		}
		require.Equal(t, test.names, names, name)
	}
	now := head + strings.Replace(contact, `"email"`, `"emails":[],"email"`, 1) + "}"
	require.Equal(t, now, currentBody(now), "an entry of today is left alone")
}

// Entries in which the rooms of an owner and of a contact spanned the workspaces reach only those whom they concern.
func TestLinesOfAnEarlierProgram(t *testing.T) {
	for lines, want := range map[string]string{
		"+workspace:a +owner:ann +contact:x":                                    "+a/workspace:a +a/owner:ann +a/contact:x",
		"=workspace:a <owner:ann +owner:bob =contact:x":                         "=a/workspace:a <a/owner:ann +a/owner:bob =a/contact:x",
		"<workspace:a +workspace:b =owner:ann =contact:x":                       "<a/workspace:a <a/owner:ann <a/contact:x +b/workspace:b +b/owner:ann +b/contact:x",
		"<workspace:a +workspace:b <owner:ann +owner:bob =contact:x":            "<a/workspace:a <a/owner:ann <a/contact:x +b/workspace:b +b/owner:bob +b/contact:x",
		"<workspace:a +workspace:b +owner:bob =contact:x":                       "<a/workspace:a <a/contact:x +b/workspace:b +b/owner:bob +b/contact:x",
		"<workspace:a =owner:ann =contact:x":                                    "<a/workspace:a <a/owner:ann <a/contact:x",
		"+contact:x":                                                            "",
		"<workspace:a <owner:ann <contact:x +workspace:b +owner:ann +contact:x": "<a/workspace:a <a/owner:ann <a/contact:x +b/workspace:b +b/owner:ann +b/contact:x",
	} {
		var told []string
		for _, d := range deliveries(strings.ReplaceAll(lines, " ", "\n"), "now", "before") {
			change := map[string]roomChange{contactCreated: roomJoined, contactUpdated: roomUpdated, contactDeleted: roomLeft}[eventOf(t, d)]
			told = append(told, string(change)+d.Room.Workspace+"/"+d.Room.Name)
			require.Equal(t, change == roomLeft, d.Body == "before", "%s: who loses the contact sees its last state", lines)
		}
		require.Equal(t, want, strings.Join(told, " "), lines)
	}
}

func eventOf(t *testing.T, d Delivery) string {
	t.Helper()
	var f struct{ Event string }
	require.NoError(t, json.Unmarshal([]byte(d.Head+`"x":0}`), &f))
	return f.Event
}

func TestTheReasonOfAnEarlierResyncIsNotShown(t *testing.T) {
	for body, want := range map[string]string{
		`"position":"5-0","reason":"history-lost"}`:                                       "history-lost",
		`"position":"5-0","reason":"a change could not be decoded: \"ann@example.org\""}`: "unknown",
		`"position":"5-0"}`: "unknown",
		`by hand`:           "unknown",
	} {
		e := parseEntry(redis.XMessage{ID: "5-0", Values: map[string]any{"op": "resync", "body": body}})
		require.JSONEq(t, `{"event":"resync","position":"5-0","reason":"`+want+`"}`, e.Resync, body)
	}
}
