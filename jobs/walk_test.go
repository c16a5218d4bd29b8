package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func noProgress(context.Context, string, int64, int64) error { return nil }

// oracle fills contacts and effects with overlapping random sets and lists the contacts for which a
// reconcile owes a task.
func (r *rig) oracle(t testing.TB, rng *rand.Rand, contacts int) (owed map[string]bool, absent int) {
	t.Helper()
	owed = map[string]bool{}
	docs := []any{
		bson.D{{Key: "_id", Value: "text"}}, bson.D{{Key: "_id", Value: 7}}, bson.D{{Key: "_id", Value: time.Now()}},
	}
	rows := []any{bson.D{{Key: "_id", Value: "text"}, {Key: "state", Value: done}}}
	for i := range contacts {
		id := bson.NewObjectIDFromTimestamp(time.Unix(int64(rng.IntN(1<<30)), 0))
		kind := rng.IntN(10)
		if i == 0 { // the least id there is
			id, kind = bson.ObjectID{}, 1
		}
		if kind > 0 { // else only a row: a contact that was deleted
			docs = append(docs, bson.D{{Key: "_id", Value: id}, {Key: "n", Value: i}})
		}
		switch kind {
		case 1, 2:
			owed["welcome:"+id.Hex()] = true
			absent++
		case 3:
			owed["welcome:"+id.Hex()] = true
			rows = append(rows, bson.D{{Key: "_id", Value: id}, {Key: "state", Value: claimed}})
		default:
			rows = append(rows, bson.D{{Key: "_id", Value: id}, {Key: "state", Value: []state{done, skipped, preexisting}[kind%3]}})
		}
	}
	_, err := r.db.Collection("contacts").InsertMany(t.Context(), docs)
	require.NoError(t, err)
	_, err = r.db.Collection("effects").InsertMany(t.Context(), rows)
	require.NoError(t, err)
	return owed, absent
}

func (r *rig) pendingIDs(t testing.TB) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, id := range r.rdb.LRange(t.Context(), queueKey(queueWelcome, "pending"), 0, -1).Val() {
		require.False(t, ids[id], "%s is there twice", id)
		ids[id] = true
	}
	return ids
}

func TestReconcileEnqueuesWhatIsOwed(t *testing.T) {
	r := newRig(t, QueueConfig{})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	owed, _ := r.oracle(t, rand.New(rand.NewPCG(seed, 0)), 25_000)

	// It dies twice on the way and goes on after what it last reported.
	var last string
	var total int64
	stop := errors.New("killed")
	for i := 0; ; i++ {
		require.Less(t, i, 10)
		reports, before := 0, total
		err := r.queue.Reconcile(t.Context(), last, func(_ context.Context, lastID string, seen, enqueued int64) error {
			if reports++; reports > 1 {
				return stop
			}
			require.Greater(t, lastID, last)
			require.Positive(t, seen)
			last, total = lastID, before+enqueued
			return nil
		})
		if err == nil {
			break
		}
		require.ErrorIs(t, err, stop)
	}
	require.Equal(t, owed, r.pendingIDs(t))

	require.NoError(t, r.queue.Reconcile(t.Context(), "", noProgress), "and again")
	require.Equal(t, owed, r.pendingIDs(t))
}

func TestPreexistingMarksOnlyTheUnknown(t *testing.T) {
	r := newRig(t, QueueConfig{})
	_, absent := r.oracle(t, rand.New(rand.NewPCG(1, 1)), 12_000)
	before, err := r.db.Collection("effects").CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	var marked int64
	require.NoError(t, r.queue.Preexisting(t.Context(), "", func(_ context.Context, _ string, _, n int64) error {
		marked = n
		return nil
	}))
	require.EqualValues(t, absent, marked)
	after, err := r.db.Collection("effects").CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, absent, after-before)

	require.NoError(t, r.queue.Reconcile(t.Context(), "", noProgress))
	for id := range r.pendingIDs(t) {
		parsed, ok := parseTaskID(id)
		require.True(t, ok)
		oid, err := bson.ObjectIDFromHex(parsed.id[len(welcomePrefix):])
		require.NoError(t, err)
		require.Equal(t, claimed, r.row(t, oid).State, "only what nobody finished is left")
	}
}

func TestRowsInsertedMeanwhileStopNothing(t *testing.T) {
	r := newRig(t, QueueConfig{})
	a, b := bson.NewObjectID(), bson.NewObjectID()
	_, err := r.ledger.claim(t.Context(), a, "live", time.Minute)
	require.NoError(t, err)
	n, err := r.ledger.insertPreexisting(t.Context(), []bson.ObjectID{a, b})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Equal(t, claimed, r.row(t, a).State)
	require.Equal(t, preexisting, r.row(t, b).State)
}

func TestWalkFromNonsenseIsAnError(t *testing.T) {
	r := newRig(t, QueueConfig{})
	require.ErrorContains(t, r.queue.Reconcile(t.Context(), "yesterday", noProgress), "yesterday")
}

// BenchmarkWalk passes contacts that all have their row.
func BenchmarkWalk(b *testing.B) {
	r := newRig(b, QueueConfig{})
	const n = 100_000
	docs, rows := make([]any, n), make([]any, n)
	for i := range n {
		id := bson.NewObjectID()
		docs[i] = bson.D{{Key: "_id", Value: id}, {Key: "firstName", Value: fmt.Sprint("Ada ", i)}}
		rows[i] = bson.D{{Key: "_id", Value: id}, {Key: "state", Value: done}}
	}
	_, err := r.db.Collection("contacts").InsertMany(b.Context(), docs)
	require.NoError(b, err)
	_, err = r.db.Collection("effects").InsertMany(b.Context(), rows)
	require.NoError(b, err)
	for b.Loop() {
		require.NoError(b, r.queue.Reconcile(b.Context(), "", noProgress))
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*1e6/n, "s/1M")
}
