package app

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/wsclient"
)

// An owner that a direct edit stored decomposed is the owner that a client types, in a room and in a filter.
func TestARoomOfAnOwnerInAnotherUnicodeForm(t *testing.T) {
	i := start(t, realtest.New(t))
	const composed, decomposed = "Zo\u00eb", "Zoe\u0308"
	sockets := []*wsclient.Client{i.dial("/ws/contacts"), i.dial("/ws/contacts")}
	for n, asked := range []string{composed, decomposed} {
		require.NoError(t, sockets[n].Conn.Join("owner:"+asked, ""))
		ack := sockets[n].Next(func(f wsclient.Frame) bool { return f.Op == "ack" })
		require.Equal(t, "owner:"+composed, ack.Room)
	}
	for _, stored := range []string{decomposed, composed} {
		_, err := i.db.Collection("contacts").InsertOne(t.Context(), append(person("Ada"), bson.E{Key: "owner", Value: stored}))
		require.NoError(t, err)
		for _, s := range sockets {
			require.Equal(t, "owner:"+composed, s.Event().Room)
		}
	}
	for _, asked := range []string{composed, decomposed} {
		eventually(t, "both are listed once they are formed", func() bool { return len(i.get("/contacts?owner="+url.QueryEscape(asked)).Items(t)) == 2 })
	}
}
