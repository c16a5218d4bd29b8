package jobs

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"grapevine/ledger"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// MongoDB is unavailable for longer than all retries together. No task is archived.
func TestOutageUsesUpNoRetry(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var asked atomic.Int64
	var outgoing outbox
	cfg := r.workerConfig(&outgoing)
	find := cfg.Contacts
	cfg.Contacts = func(ctx context.Context, id string) (grapevine.Contact, bool, error) {
		if asked.Add(1) <= 4 {
			return grapevine.Contact{}, false, &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB is unavailable"}
		}
		return find(ctx, id)
	}
	w := r.start(t, cfg)
	r.apply(t, created(bson.NewObjectID(), now()))
	r.eventually(t, 1, "completed", completed)
	require.Len(t, outgoing.ids(), 1)
	require.InDelta(t, 4, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "unavailable")), 0)
	require.InDelta(t, 0, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
}

// MongoDB cannot be reached, so each run ends with its deadline. That is not a failure either.
func TestHungMongoDBUsesUpNoRetry(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1, Timeout: time.Second})
	unreachable, err := mongo.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:1/?replicaSet=rs0"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = unreachable.Disconnect(context.Background()) })
	r.ledger = ledger.New(unreachable.Database("x"))
	w := r.start(t, r.workerConfig(&outbox{}))
	r.apply(t, created(bson.NewObjectID(), now()))
	unavailable := w.metrics.handled.WithLabelValues(TypeWelcome, "unavailable")
	require.Eventually(t, func() bool { return value(t, unavailable) >= 3 }, 30*time.Second, 20*time.Millisecond)
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")))
	require.Zero(t, r.size(t, archived))
}
