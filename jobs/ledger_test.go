package jobs

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// asWorker is a worker whose handlers are called directly.
func (r *rig) asWorker(t testing.TB, cfg WorkerConfig) *Worker {
	t.Helper()
	return NewWorker(r.rdb, r.ledger, cfg)
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// However many runs of one task meet, one has the effect.
func TestTwentyRunsSendOnce(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var mail outbox
	w := r.asWorker(t, r.workerConfig(&mail))
	for range 5 {
		id := bson.NewObjectID()
		sentBefore := len(mail.ids())
		outcomes := make([]string, 20)
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { outcomes[i], errs[i] = w.welcome(within(t, 10*time.Second), id.Hex()) })
		}
		wg.Wait()
		winners := 0
		for i := range 20 {
			if outcomes[i] == string(done) {
				winners++
				continue
			}
			if errs[i] != nil {
				var busy *busyError
				require.ErrorAs(t, errs[i], &busy)
				require.Equal(t, "busy", waits(errs[i]), "waiting uses up no retry")
			} else {
				require.Equal(t, "already", outcomes[i])
			}
		}
		require.Equal(t, 1, winners)
		require.Len(t, mail.ids(), sentBefore+1)
	}
}

func TestContactGoneIsSkipped(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var mail outbox
	cfg := r.workerConfig(&mail)
	gone := true
	find := cfg.Contacts
	cfg.Contacts = func(ctx context.Context, id string) (grapevine.Contact, bool, error) {
		c, _, err := find(ctx, id)
		return c, !gone, err
	}
	w := r.asWorker(t, cfg)
	id := bson.NewObjectID()
	outcome, err := w.welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Equal(t, string(skipped), outcome)
	require.Empty(t, mail.ids())
	require.Equal(t, skipped, r.row(t, id).State)

	gone = false // it was restored before anyone greeted it, and its creation asks again
	outcome, err = w.welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Equal(t, string(done), outcome)
	require.Len(t, mail.ids(), 1)
}

func TestContactWithoutAddressIsDone(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var mail outbox
	cfg := r.workerConfig(&mail)
	find := cfg.Contacts
	cfg.Contacts = func(ctx context.Context, id string) (grapevine.Contact, bool, error) {
		c, ok, err := find(ctx, id)
		c.Email = ""
		return c, ok, err
	}
	id := bson.NewObjectID()
	_, err := r.asWorker(t, cfg).welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Empty(t, mail.ids())
	require.Equal(t, done, r.row(t, id).State)
	require.Equal(t, "no email", r.row(t, id).Note)
}

// A row says "there before" to a reconcile, not to a task that the stream asked for.
func TestLiveTaskOverridesPreexisting(t *testing.T) {
	r := newRig(t, QueueConfig{})
	id := bson.NewObjectID()
	_, err := r.db.Collection("effects").InsertOne(t.Context(), bson.D{{Key: "_id", Value: id}, {Key: "state", Value: preexisting}})
	require.NoError(t, err)
	var mail outbox
	outcome, err := r.asWorker(t, r.workerConfig(&mail)).welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Equal(t, string(done), outcome)
	require.Len(t, mail.ids(), 1)
}

// A claim that ran out is another's to take, and what its first holder records then is refused.
func TestAnOutlivedClaimIsFenced(t *testing.T) {
	r := newRig(t, QueueConfig{})
	id := bson.NewObjectID()
	first, err := r.ledger.claim(t.Context(), id, "first", time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, "first", first.By)
	require.Eventually(t, func() bool {
		second, err := r.ledger.claim(context.Background(), id, "second", time.Minute)
		return err == nil && second.By == "second" && second.Attempt == 2
	}, 5*time.Second, time.Millisecond)
	held, err := r.ledger.finish(t.Context(), id, "first", done, "")
	require.NoError(t, err)
	require.False(t, held)
	require.Equal(t, claimed, r.row(t, id).State)
	require.NoError(t, r.ledger.release(t.Context(), id, "first"))
	require.Equal(t, "second", r.row(t, id).By)
}

func TestEmpty(t *testing.T) {
	r := newRig(t, QueueConfig{})
	empty, err := r.queue.Empty(t.Context())
	require.NoError(t, err)
	require.True(t, empty)
	_, err = r.ledger.claim(t.Context(), bson.NewObjectID(), "x", time.Minute)
	require.NoError(t, err)
	empty, err = r.queue.Empty(t.Context())
	require.NoError(t, err)
	require.False(t, empty)
}
