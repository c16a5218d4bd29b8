package jobs

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// MongoDB being away for longer than all retries together archives nothing.
func TestOutageUsesUpNoRetry(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var asked atomic.Int64
	var mail outbox
	cfg := r.workerConfig(&mail)
	find := cfg.Contacts
	cfg.Contacts = func(ctx context.Context, id string) (grapevine.Contact, bool, error) {
		if asked.Add(1) <= 4 {
			return grapevine.Contact{}, false, &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB is away"}
		}
		return find(ctx, id)
	}
	w := r.start(t, cfg)
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}}))
	r.eventually(t, 1, "completed", completed)
	require.Len(t, mail.ids(), 1)
	require.InDelta(t, 4, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "unavailable")), 0)
	require.InDelta(t, 0, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
}

// A MongoDB that nobody can reach lets each run wait until its time is up: no failure either.
func TestHungMongoDBUsesUpNoRetry(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1, Timeout: time.Second})
	nowhere, err := mongo.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:1/?replicaSet=rs0"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = nowhere.Disconnect(context.Background()) })
	r.ledger = NewLedger(nowhere.Database("x"))
	w := r.start(t, r.workerConfig(&outbox{}))
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}}))
	unavailable := w.metrics.handled.WithLabelValues(TypeWelcome, "unavailable")
	require.Eventually(t, func() bool { return value(t, unavailable) >= 3 }, 30*time.Second, 20*time.Millisecond)
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")))
	require.Zero(t, r.size(t, archived))
}
