package jobs

import (
	"context"
	"sync"
	"testing"
	"time"

	"grapevine/ledger"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Several runs of one task meet. One of them sends the mail.
func TestTwentyRunsSendOnce(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var outgoing outbox
	w := r.newWorker(t, r.workerConfig(&outgoing))
	for range 5 {
		id := bson.NewObjectID()
		sentBefore := len(outgoing.ids())
		outcomes := make([]string, 20)
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { outcomes[i], errs[i] = w.welcome(within(t, 10*time.Second), id.Hex()) })
		}
		wg.Wait()
		winners := 0
		for i := range 20 {
			if outcomes[i] == string(ledger.Done) {
				winners++
				continue
			}
			if errs[i] != nil {
				var held *ledger.HeldError
				require.ErrorAs(t, errs[i], &held)
				require.Equal(t, "busy", deferReason(errs[i]), "a deferred run uses up no retry")
			} else {
				require.Equal(t, "already", outcomes[i])
			}
		}
		require.Equal(t, 1, winners)
		require.Len(t, outgoing.ids(), sentBefore+1)
	}
}

func TestDeletedContactIsSkipped(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var outgoing outbox
	cfg := r.workerConfig(&outgoing)
	gone := true
	find := cfg.Contacts
	cfg.Contacts = func(ctx context.Context, id string) (grapevine.Contact, bool, error) {
		c, _, err := find(ctx, id)
		return c, !gone, err
	}
	w := r.newWorker(t, cfg)
	id := bson.NewObjectID()
	outcome, err := w.welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Equal(t, string(ledger.Skipped), outcome)
	require.Empty(t, outgoing.ids())
	require.Equal(t, ledger.Skipped, r.effect(t, id).State)

	gone = false // it is restored without having had its welcome, and its creation asks for one again
	outcome, err = w.welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Equal(t, string(ledger.Done), outcome)
	require.Len(t, outgoing.ids(), 1)
}

func TestContactWithoutAddressIsDone(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var outgoing outbox
	cfg := r.workerConfig(&outgoing)
	find := cfg.Contacts
	cfg.Contacts = func(ctx context.Context, id string) (grapevine.Contact, bool, error) {
		c, ok, err := find(ctx, id)
		c.Emails = nil
		c.SetVirtual()
		return c, ok, err
	}
	id := bson.NewObjectID()
	_, err := r.newWorker(t, cfg).welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Empty(t, outgoing.ids())
	require.Equal(t, ledger.Done, r.effect(t, id).State)
	require.Equal(t, "no email", r.effect(t, id).Note)
}

// A preexisting row keeps a reconcile from enqueuing a welcome, but not a change of the stream.
func TestLiveTaskOverridesPreexisting(t *testing.T) {
	r := newRig(t, QueueConfig{})
	id := bson.NewObjectID()
	_, err := r.db.Collection("effects").InsertOne(t.Context(), bson.D{{Key: "_id", Value: id}, {Key: "state", Value: ledger.Preexisting}})
	require.NoError(t, err)
	var outgoing outbox
	outcome, err := r.newWorker(t, r.workerConfig(&outgoing)).welcome(within(t, 10*time.Second), id.Hex())
	require.NoError(t, err)
	require.Equal(t, string(ledger.Done), outcome)
	require.Len(t, outgoing.ids(), 1)
}

// A contact's name cannot add a header: it appears only in the text.
func TestWelcomeMailKeepsTheNameOutOfItsHeaders(t *testing.T) {
	c := grapevine.Contact{ID: someContact, Kind: grapevine.Person, FirstName: "Zoë\r\nBcc: all@example.org", Emails: []grapevine.Entry{{Value: "zoe@example.org"}}}
	c.SetVirtual()
	m := welcomeMail(&c)
	require.Equal(t, "welcome:"+someContact, m.ID)
	require.Equal(t, "zoe@example.org", m.To)
	require.Equal(t, "Welcome to our contacts", m.Subject)
	require.Contains(t, m.Text, "Hello Zoë")
}
