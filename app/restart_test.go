package app

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

func TestGracefulStopTellsSocketsAndHandsTheLeaseOver(t *testing.T) {
	env := realtest.New(t)
	a := start(t, env)
	b := start(t, env)
	s := a.dial("/ws/contacts")
	s.Join("workspace:default", "")
	stopping := realtest.StartStopwatch(t)
	a.stop()
	require.Equal(t, websocket.CloseGoingAway, s.CloseCode())
	eventually(t, "the other instance holds the lease", func() bool {
		status, err := b.watcher.Status(context.Background())
		return err == nil && status.Holder
	})
	require.Less(t, stopping.Stop(), stopping.Allow(5*time.Second))
	made := b.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada"})
	require.Equal(t, http.StatusCreated, made.Status)
}

func TestClientThatWasAwayGetsEverythingOnce(t *testing.T) {
	env := realtest.New(t)
	a := start(t, env)
	since := a.get("/contacts").Header.Get("Position")
	a.stop()
	ctx := context.Background()
	for n := range 200 { // while no instance runs
		_, err := a.db.Collection("contacts").InsertOne(ctx, person(fmt.Sprint("n", n)))
		require.NoError(t, err)
	}
	b := start(t, env)
	s := b.dial("/ws/contacts")
	ack := s.Join("workspace:default", since)
	require.True(t, ack.IsRecovered())
	require.Equal(t, since, ack.Position)
	for n := range 200 {
		require.Equal(t, fmt.Sprint("n", n), s.Event().ContactFields()["firstName"])
	}
	eventually(t, "200 welcomes", func() bool {
		n, err := b.db.Collection("effects").CountDocuments(ctx, bson.D{{Key: "state", Value: "done"}})
		return err == nil && n == 200
	})
}

func TestTakenPortIsAClearError(t *testing.T) {
	env := realtest.New(t)
	a := start(t, env)
	s := defaults(env)
	s.Addr = a.Addr()
	_, err := New(s, a.log)
	require.ErrorContains(t, err, "ADDR: cannot listen on "+a.Addr())
	require.ErrorContains(t, err, "address already in use")
}
