package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
)

func TestGate(t *testing.T) {
	var g gate
	message := func(write bool) string {
		if refusal := g.Ask(write); refusal != nil {
			return refusal.State + ": " + refusal.Message
		}
		return ""
	}
	expect := func(read, write string) {
		t.Helper()
		require.Equal(t, read, message(false))
		require.Equal(t, write, message(true))
	}
	expect("", "")
	g.Close("schema", writesOnly, "newer-schema", "upgrade")
	expect("", "newer-schema: upgrade")
	g.Close("start", allRequests, "starting", "wait")
	expect("starting: wait", "newer-schema: upgrade")
	g.Close("start", allRequests, "starting", "wait longer")
	expect("starting: wait longer", "newer-schema: upgrade")
	require.Len(t, g.parts(), 2)
	g.Open("schema")
	expect("starting: wait longer", "starting: wait longer")
	g.Close("mongodb", allRequests, "unauthorized", "grant")
	expect("unauthorized: grant", "unauthorized: grant")
	g.Open("mongodb")
	g.Open("start")
	g.Open("start")
	expect("", "")
	require.Empty(t, g.parts())
}

// A closed gate is 503 with its reason for contacts, and a part of /readyz that is not ready. Everything else answers.
func TestClosedGateOfAnInstance(t *testing.T) {
	i := start(t, realtest.New(t))
	i.gate.Close("schema", writesOnly, "newer-schema", "Upgrade this instance.")
	ready := i.get("/readyz")
	require.Equal(t, 503, ready.Status)
	require.Contains(t, string(ready.Body), `"schema":{"ready":false,"state":"newer-schema","message":"Upgrade this instance."}`)
	require.Equal(t, 503, i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada"}).Status)
	for _, path := range []string{"/contacts", "/healthz", "/metrics", "/docs", "/", "/inspect", "/jobs"} {
		require.Equal(t, 200, i.get(path).Status, path)
	}
	i.gate.Open("schema")
	require.Equal(t, 200, i.get("/readyz").Status)
}
