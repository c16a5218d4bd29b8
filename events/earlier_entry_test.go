package events

import (
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
