package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"grapevine/jobs/asynqx"
	"grapevine/ledger"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func noProgress(context.Context, string, int64, int64) error { return nil }

// fill inserts overlapping random sets of contacts and effects. It returns the tasks that a reconcile has to
// enqueue, and the number of contacts without a row.
func (r *rig) fill(t testing.TB, rng *rand.Rand, contacts int) (missing map[string]bool, absent int) {
	t.Helper()
	missing = map[string]bool{}
	docs := []any{
		bson.D{{Key: "_id", Value: "text"}}, bson.D{{Key: "_id", Value: 7}}, bson.D{{Key: "_id", Value: time.Now()}},
	}
	rows := []any{bson.D{{Key: "_id", Value: "text"}, {Key: "state", Value: ledger.Done}}}
	for i := range contacts {
		id := bson.NewObjectIDFromTimestamp(time.Unix(int64(rng.IntN(1<<30)), 0))
		kind := rng.IntN(10)
		if i == 0 { // the smallest possible id
			id, kind = bson.ObjectID{}, 1
		}
		if kind > 0 { // otherwise only a row: the contact was deleted
			docs = append(docs, bson.D{{Key: "_id", Value: id}, {Key: "n", Value: i}})
		}
		switch kind {
		case 1, 2:
			missing["welcome:"+id.Hex()] = true
			absent++
		case 3:
			missing["welcome:"+id.Hex()] = true
			rows = append(rows, bson.D{{Key: "_id", Value: id}, {Key: "state", Value: ledger.Claimed}})
		default:
			rows = append(rows, bson.D{{Key: "_id", Value: id}, {Key: "state", Value: []ledger.State{ledger.Done, ledger.Skipped, ledger.Preexisting}[kind%3]}})
		}
	}
	_, err := r.db.Collection("contacts").InsertMany(t.Context(), docs)
	require.NoError(t, err)
	_, err = r.db.Collection("effects").InsertMany(t.Context(), rows)
	require.NoError(t, err)
	return missing, absent
}

func (r *rig) pendingIDs(t testing.TB) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, id := range r.rdb.LRange(t.Context(), asynqx.QueueKey(r.queue.names.welcome, "pending"), 0, -1).Val() {
		require.False(t, ids[id], "%s is enqueued twice", id)
		ids[id] = true
	}
	return ids
}

func TestReconcileEnqueuesMissingWelcomes(t *testing.T) {
	r := newRig(t, QueueConfig{})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	missing, _ := r.fill(t, rand.New(rand.NewPCG(seed, 0)), 25_000)

	// It is interrupted after each chunk and resumes after the last id that it reported.
	var last string
	var total int64
	stop := errors.New("interrupted")
	for i := 0; ; i++ {
		require.Less(t, i, 10)
		reports, before := 0, total
		err := r.backfiller.EnqueueMissing(t.Context(), last, func(_ context.Context, lastID string, seen, enqueued int64) error {
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
	require.Equal(t, missing, r.pendingIDs(t))

	require.NoError(t, r.backfiller.EnqueueMissing(t.Context(), "", noProgress), "a second reconcile")
	require.Equal(t, missing, r.pendingIDs(t))
}

func TestPreexistingMarksOnlyContactsWithoutARow(t *testing.T) {
	r := newRig(t, QueueConfig{})
	_, absent := r.fill(t, rand.New(rand.NewPCG(1, 1)), 12_000)
	before, err := r.db.Collection("effects").CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	var marked int64
	require.NoError(t, r.backfiller.MarkPreexisting(t.Context(), "", func(_ context.Context, _ string, _, n int64) error {
		marked = n
		return nil
	}))
	require.EqualValues(t, absent, marked)
	after, err := r.db.Collection("effects").CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, absent, after-before)

	require.NoError(t, r.backfiller.EnqueueMissing(t.Context(), "", noProgress))
	for id := range r.pendingIDs(t) {
		parsed, ok := parseTaskID(id)
		require.True(t, ok)
		oid, err := bson.ObjectIDFromHex(parsed.id[len(welcomePrefix):])
		require.NoError(t, err)
		require.Equal(t, ledger.Claimed, r.effect(t, oid).State, "only unfinished claims are left")
	}
}

func TestReconcileFromAnInvalidIDIsAnError(t *testing.T) {
	r := newRig(t, QueueConfig{})
	require.ErrorContains(t, r.backfiller.EnqueueMissing(t.Context(), "yesterday", noProgress), "yesterday")
}

// BenchmarkReconcile scans contacts that all have a row.
func BenchmarkReconcile(b *testing.B) {
	r := newRig(b, QueueConfig{})
	const n = 100_000
	docs, rows := make([]any, n), make([]any, n)
	for i := range n {
		id := bson.NewObjectID()
		docs[i] = bson.D{{Key: "_id", Value: id}, {Key: "firstName", Value: fmt.Sprint("Ada ", i)}}
		rows[i] = bson.D{{Key: "_id", Value: id}, {Key: "state", Value: ledger.Done}}
	}
	_, err := r.db.Collection("contacts").InsertMany(b.Context(), docs)
	require.NoError(b, err)
	_, err = r.db.Collection("effects").InsertMany(b.Context(), rows)
	require.NoError(b, err)
	for b.Loop() {
		require.NoError(b, r.backfiller.EnqueueMissing(b.Context(), "", noProgress))
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*1e6/n, "s/1M")
}
