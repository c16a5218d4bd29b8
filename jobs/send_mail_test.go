package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/ledger"
	"grapevine/mail"
)

// The mail server is away for many more tries than a task may fail. No attempt is used up, few mails ask the server, and
// the trouble is logged once. Every mail is sent in the end.
func TestMailWaitsWhileTheServerIsAway(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var away atomic.Bool
	away.Store(true)
	var asked atomic.Int64
	outgoing := outbox{fail: func(mail.Message) error {
		if away.Load() {
			asked.Add(1)
			return fmt.Errorf("send through localhost: %w: connection refused", mail.ErrAway)
		}
		return nil
	}}
	var log lockedBuffer
	cfg := r.workerConfig(&outgoing)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w := r.start(t, cfg)
	var batch []grapevine.Change
	for range 100 {
		batch = append(batch, created(bson.NewObjectID(), now()))
	}
	r.apply(t, batch...)
	deferred := w.metrics.handled.WithLabelValues(TypeWelcome, deferMailAway)
	require.Eventually(t, func() bool { return value(t, deferred) > 250 }, 30*time.Second, 10*time.Millisecond)
	require.True(t, w.MailIsAway())
	require.Less(t, asked.Load(), int64(32+12), "those that run at once, and then one at a time")
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")))
	require.Zero(t, r.size(t, archived))
	away.Store(false)
	require.Eventually(t, func() bool { return r.size(t, completed) == 100 }, 60*time.Second, 20*time.Millisecond)
	require.Len(t, outgoing.ids(), 100)
	require.False(t, w.MailIsAway())
	var told []string
	for _, line := range log.lines() {
		if strings.Contains(line, "mail server") {
			told = append(told, line)
		}
	}
	require.Len(t, told, 2)
	require.Contains(t, told[0], "takes no mail from us")
	require.Contains(t, told[1], "takes mails again")
}

// A server that greylists wants a mail later. Other mails do not wait.
func TestOneMailIsWantedLater(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	later := bson.NewObjectID()
	outgoing := outbox{fail: func(m mail.Message) error {
		if m.ID == WelcomeTaskID(later.Hex()) {
			return fmt.Errorf("%w: 451 greylisted", mail.ErrLater)
		}
		return nil
	}}
	w := r.start(t, r.workerConfig(&outgoing))
	r.apply(t, created(later, now()), created(bson.NewObjectID(), now()))
	r.eventually(t, 1, "completed", completed)
	r.eventually(t, 1, "to be tried again", func(s QueueSize) int64 { return s.Retry })
	info, err := r.inspector.GetTaskInfo(r.queue.names.welcome, WelcomeTaskID(later.Hex()))
	require.NoError(t, err)
	require.Zero(t, info.Retried)
	require.Contains(t, info.LastErr, "451 greylisted", "the dashboard shows why")
	require.InDelta(t, 15, time.Until(info.NextProcessAt).Seconds(), 10)
	require.False(t, w.MailIsAway())

	// After five days it is archived, with the reason. A person who runs it again starts five new days.
	_, err = r.db.Collection("effects").UpdateByID(t.Context(), later, bson.D{{Key: "$set", Value: bson.D{{Key: "first", Value: time.Now().Add(-mailTries - time.Hour)}}}})
	require.NoError(t, err)
	require.NoError(t, r.inspector.RunTask(r.queue.names.welcome, WelcomeTaskID(later.Hex())))
	r.eventually(t, 1, "archived", archived)
	info, err = r.inspector.GetTaskInfo(r.queue.names.welcome, WelcomeTaskID(later.Hex()))
	require.NoError(t, err)
	require.Contains(t, info.LastErr, "five days")
	require.Eventually(t, func() bool { return strings.Contains(r.effect(t, later).Note, "five days") }, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, r.inspector.RunTask(r.queue.names.welcome, WelcomeTaskID(later.Hex())))
	r.eventually(t, 1, "to be tried again", func(s QueueSize) int64 { return s.Retry })
}

// An address that the server refuses is final, and the ledger has the server's words. A person can still run the task.
func TestRefusedAddressIsRecordedInWords(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var refuse atomic.Bool
	refuse.Store(true)
	outgoing := outbox{fail: func(m mail.Message) error {
		if refuse.Load() {
			return fmt.Errorf("%w: 550 no such user %s", mail.ErrPermanent, m.To)
		}
		return nil
	}}
	r.start(t, r.workerConfig(&outgoing))
	id := bson.NewObjectID()
	_, err := r.db.Collection("contacts").InsertOne(t.Context(), bson.D{{Key: "_id", Value: id}})
	require.NoError(t, err)
	r.apply(t, created(id, now()))
	require.Eventually(t, func() bool { return r.effect(t, id).State == ledger.Refused }, 20*time.Second, 10*time.Millisecond)
	require.Contains(t, r.effect(t, id).Note, "550 no such user the contact's address")
	r.eventually(t, 1, "archived", archived)

	require.NoError(t, r.inspector.DeleteTask(r.queue.names.welcome, WelcomeTaskID(id.Hex())))
	require.NoError(t, r.backfiller.EnqueueMissing(t.Context(), "", noProgress))
	require.Empty(t, r.pendingIDs(t), "a reconcile does not try it again")

	refuse.Store(false)
	r.apply(t, created(id, now()))
	r.eventually(t, 1, "completed", completed)
	require.Equal(t, ledger.Done, r.effect(t, id).State)
}

// A batch of contacts arrives at once. Their mails go out at the rate that is set, and no task fails meanwhile.
func TestMailsAreSentAtARate(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var outgoing outbox
	cfg := r.workerConfig(&outgoing)
	cfg.MailRate = 20
	w := r.start(t, cfg)
	var batch []grapevine.Change
	for range 80 {
		batch = append(batch, created(bson.NewObjectID(), now()))
	}
	began := time.Now()
	r.apply(t, batch...)
	r.eventually(t, 80, "completed", completed)
	require.GreaterOrEqual(t, time.Since(began), 2900*time.Millisecond, "20 at once, then 60 at 20 a second")
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")))
}

// A rate far below the number of mails makes runs wait, and then come back. It does not use up attempts.
func TestSlowMailRateUsesUpNoRetry(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var outgoing outbox
	cfg := r.workerConfig(&outgoing)
	cfg.MailRate = 0.01
	w := r.start(t, cfg)
	r.apply(t, created(bson.NewObjectID(), now()), created(bson.NewObjectID(), now()))
	waited := w.metrics.handled.WithLabelValues(TypeWelcome, deferMailRate)
	require.Eventually(t, func() bool { return value(t, waited) == 1 }, 20*time.Second, 10*time.Millisecond)
	require.Len(t, outgoing.ids(), 1)
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")))
}

// A contact that is to get no mail has a row that says why.
func TestUnwantedMailIsRecorded(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var outgoing outbox
	cfg := r.workerConfig(&outgoing)
	direct := bson.NewObjectID()
	cfg.Unwanted = func(_ context.Context, c *grapevine.Contact) (string, error) {
		if c.ID == direct.Hex() {
			return "not wanted", nil
		}
		return "", nil
	}
	r.start(t, cfg)
	wanted := bson.NewObjectID()
	r.apply(t, created(direct, now()), created(wanted, now()))
	r.eventually(t, 2, "completed", completed)
	require.Equal(t, effect{State: ledger.Skipped, Attempt: 1, Note: "not wanted"}, r.effect(t, direct))
	require.Equal(t, []string{WelcomeTaskID(wanted.Hex())}, outgoing.ids())
}

func TestMailDelays(t *testing.T) {
	for attempt, longest := range map[int]time.Duration{0: 15 * time.Second, 1: 15 * time.Second, 3: time.Minute, 20: 30 * time.Minute} {
		for range 50 {
			d := mailBackoff(attempt)
			require.LessOrEqual(t, d, longest)
			require.GreaterOrEqual(t, d, longest/2)
		}
	}
	p := newMailPause(slog.New(slog.DiscardHandler))
	p.since, p.until = time.Now().Add(-24*time.Hour), time.Now().Add(longestMailPause)
	for range 50 {
		require.LessOrEqual(t, p.waiting(), longestMailPause+longestMailDelay+time.Second)
		require.Greater(t, p.waiting(), longestMailPause-time.Second)
	}
	require.Error(t, p.begin())
	p.until = time.Now()
	require.NoError(t, p.begin(), "one mail tries")
	require.Error(t, p.begin(), "the others wait")
	p.done(errors.New("refused, but the server answers"))
	require.NoError(t, p.begin())
	require.NoError(t, p.begin())
}
