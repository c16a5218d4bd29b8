package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/store"
)

func TestAReadAfterAPositionShowsTheWrite(t *testing.T) {
	env := realtest.New(t)
	writer := store.New(env.DB(t), store.Config{})
	require.NoError(t, writer.Prepare(deadline(t)))
	reader := store.New(env.DB(t), store.Config{}) // another instance
	for range 50 {
		c, at, _, err := writer.Create(deadline(t), ada(), grapevine.Idempotency{})
		require.NoError(t, err)
		got, err := reader.Get(deadline(t), ws, c.ID, at)
		require.NoError(t, err)
		require.Equal(t, c, got)
	}
}

func TestAPositionInTheFutureIsClamped(t *testing.T) {
	s, _ := prepared(t)
	c := create(t, s, ada())
	now, err := s.Ping(deadline(t))
	require.NoError(t, err)
	for name, after := range map[string]grapevine.Position{
		"in an hour": {Time: now.Time + 3600<<32}, "maximum": {Time: 1<<64 - 1, N: 1<<64 - 1},
		"end of the current time": now.End(), "no cluster time": {N: 7}, "first": {Time: 1},
	} {
		watch := realtest.StartStopwatch(t)
		got, err := s.Get(deadline(t), ws, c.ID, after)
		require.NoError(t, err, name)
		require.Equal(t, c, got)
		_, err = s.List(deadline(t), grapevine.Query{Workspace: ws, Tags: []string{"vip"}}, after)
		require.NoError(t, err, name)
		_, err = s.Stats(deadline(t), ws, grapevine.PerCompany, after)
		require.NoError(t, err, name)
		require.Less(t, watch.Stop(), watch.Allow(3*time.Second), name)
	}
}

func TestAWriteReturnsThePositionOfItsEvent(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	stream, err := db.Watch(ctx, bson.A{}, options.ChangeStream())
	require.NoError(t, err)
	t.Cleanup(func() { _ = stream.Close(ctx) })
	next := func() grapevine.Position {
		require.True(t, stream.Next(ctx))
		at, i := stream.Current.Lookup("clusterTime").Timestamp()
		return grapevine.NewPosition(at, i, 0)
	}
	c, at, _, err := s.Create(ctx, ada(), grapevine.Idempotency{Key: "k", Fingerprint: "f"})
	require.NoError(t, err)
	require.Equal(t, next(), at)
	c, at, err = s.Update(ctx, ws, c.ID, []string{c.ETag}, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes = "x"
		return c, nil
	})
	require.NoError(t, err)
	require.Equal(t, next(), at)
	at, err = s.Delete(ctx, ws, c.ID, []string{c.ETag})
	require.NoError(t, err)
	require.Equal(t, next(), at)
	_, at, err = s.AddImported(ctx, grapevine.ImportedContacts{Contacts: withIDs(ada(), ada())})
	require.NoError(t, err)
	require.LessOrEqual(t, next().End().Compare(at), 0)
	require.Equal(t, next().End(), at)
}

func TestTheClockObservesEveryReply(t *testing.T) {
	clock := &grapevine.Clock{}
	s := store.New(realtest.New(t).DB(t), store.Config{Clock: clock})
	at, err := s.Ping(deadline(t))
	require.NoError(t, err)
	require.False(t, clock.Newest().Before(at))
}
