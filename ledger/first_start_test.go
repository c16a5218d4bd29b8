package ledger

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/realtest"
)

func ignore(int64, int64) {}

// addContacts inserts n contacts and returns their ids.
func (l *Ledger) addContacts(t testing.TB, n int) []bson.ObjectID {
	t.Helper()
	ids, docs := make([]bson.ObjectID, n), make([]any, n)
	for i := range ids {
		ids[i] = bson.NewObjectID()
		docs[i] = bson.D{{Key: "_id", Value: ids[i]}}
	}
	_, err := l.contacts.InsertMany(context.Background(), docs)
	require.NoError(t, err)
	return ids
}

func (l *Ledger) countMarked(t *testing.T) int64 {
	t.Helper()
	n, err := l.rows.CountDocuments(t.Context(), bson.D{{Key: "state", Value: Preexisting}})
	require.NoError(t, err)
	return n
}

func TestFirstStartMarksWhatWasThereBefore(t *testing.T) {
	l := newLedger(t)
	l.addContacts(t, 3)
	var seen, total int64
	require.NoError(t, l.FirstStart(t.Context(), func(s, n int64) { seen, total = s, n }))
	require.EqualValues(t, 3, seen)
	require.EqualValues(t, 3, total)
	require.EqualValues(t, 3, l.countMarked(t))
	began, err := l.Began(t.Context())
	require.NoError(t, err)
	require.False(t, began.IsZero())

	later := l.addContacts(t, 1)[0]
	require.NoError(t, l.FirstStart(t.Context(), func(int64, int64) { t.Error("a second start scans") }))
	require.Empty(t, l.row(t, later).State)
	again, err := l.Began(t.Context())
	require.NoError(t, err)
	require.Equal(t, began, again)
}

// Several instances start at once. One of them finishes and lets contacts in while others still scan.
func TestFirstStartsAtOnceMarkNoContactOfLater(t *testing.T) {
	env := realtest.New(t)
	l := New(env.DB(t))
	l.addContacts(t, 2*chunkSize+1)
	first := make(chan struct{})
	var instances errgroup.Group
	for i := range 3 {
		other := New(env.DB(t))
		instances.Go(func() error {
			return other.FirstStart(t.Context(), func(seen, _ int64) {
				if i > 0 && seen > 0 {
					<-first // has read the next batch of the cursor, perhaps
				}
			})
		})
	}
	require.NoError(t, l.FirstStart(t.Context(), ignore))
	later := l.addContacts(t, 2*chunkSize)
	close(first)
	require.NoError(t, instances.Wait())
	require.EqualValues(t, 2*chunkSize+1, l.countMarked(t))
	require.Empty(t, l.row(t, later[0]).State)
}

func TestFirstStartContinuesWhereItStopped(t *testing.T) {
	env := realtest.New(t)
	l := New(env.DB(t))
	l.addContacts(t, chunkSize+1)
	ctx, kill := context.WithCancel(t.Context())
	require.ErrorIs(t, l.FirstStart(ctx, func(seen, _ int64) {
		if seen == chunkSize {
			kill()
		}
	}), context.Canceled)
	began, err := l.Began(t.Context())
	require.NoError(t, err)

	direct := l.addContacts(t, 1)[0] // also shown by the stream
	var seen []int64
	require.NoError(t, New(env.DB(t)).FirstStart(t.Context(), func(s, _ int64) { seen = append(seen, s) }))
	require.Equal(t, []int64{chunkSize, chunkSize + 2}, seen)
	claim, err := l.Claim(t.Context(), direct, soon())
	require.NoError(t, err, "its live task runs")
	claim.Release(t.Context())
	again, err := l.Began(t.Context())
	require.NoError(t, err)
	require.Equal(t, began, again)
}

// An earlier version of the program has run on the database, or was interrupted in its first start.
func TestFirstStartAfterAnEarlierVersion(t *testing.T) {
	at := grapevine.NewPosition(1_700_000_000, 5, 0)
	record := func(state string, used bool) bson.D {
		return bson.D{{Key: "reason", Value: "first start"}, {Key: "state", Value: state}, {Key: "to", Value: at.String()}, {Key: "ledger", Value: used}}
	}
	for name, c := range map[string]struct {
		record    bson.D
		heartbeat bool
		marked    int64
		began     grapevine.Position
		lost      bool // if the ledger has no rows
	}{
		"that ran":                   {record: record("done", true), heartbeat: true, began: at, lost: true},
		"that ran without a job":     {record: record("done", false), heartbeat: true, began: at},
		"that kept no record":        {heartbeat: true, lost: true},
		"that was interrupted":       {record: record("open", false), marked: 2},
		"that died before it beat":   {record: record("done", false), began: at},
		"that had a gap and no beat": {record: bson.D{{Key: "reason", Value: "requested"}, {Key: "state", Value: "open"}}, lost: true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			l.addContacts(t, 2)
			if c.record != nil {
				_, err := l.gaps.InsertOne(t.Context(), c.record)
				require.NoError(t, err)
			}
			if c.heartbeat {
				_, err := l.heartbeats.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "watcher"}})
				require.NoError(t, err)
			}
			require.NoError(t, l.FirstStart(t.Context(), ignore))
			require.Equal(t, c.marked, l.countMarked(t))
			began, err := l.Began(t.Context())
			require.NoError(t, err)
			if c.marked == 0 {
				require.Equal(t, c.began, began)
			} else {
				require.True(t, at.Before(began))
			}
			left, err := l.gaps.CountDocuments(t.Context(), olderStart)
			require.NoError(t, err)
			require.Zero(t, left, "the record of the earlier version is gone")
			require.NoError(t, l.rows.Drop(t.Context()))
			lost, err := l.Lost(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.lost || c.marked > 0, lost)
		})
	}
}

// A ledger that is empty because no job ever ran is not lost.
func TestEmptyLedgerIsLostOnlyIfItHadRows(t *testing.T) {
	l := newLedger(t)
	expect := func(lost bool) {
		t.Helper()
		found, err := l.Lost(t.Context())
		require.NoError(t, err)
		require.Equal(t, lost, found)
	}
	expect(true) // nobody knows how this database began
	require.NoError(t, l.FirstStart(t.Context(), ignore))
	expect(false)
	claim, err := l.Claim(t.Context(), bson.NewObjectID(), soon())
	require.NoError(t, err)
	expect(false)
	claim.Release(t.Context())
	require.NoError(t, l.rows.Drop(t.Context()))
	expect(true)
}

// A million contacts are marked in about a minute.
func BenchmarkFirstStart(b *testing.B) {
	const contacts = 200_000
	l := New(realtest.New(b).DB(b))
	for range contacts / chunkSize {
		l.addContacts(b, chunkSize)
	}
	for b.Loop() {
		require.NoError(b, errors.Join(l.control.Drop(b.Context()), l.rows.Drop(b.Context())))
		begin := time.Now()
		require.NoError(b, l.FirstStart(b.Context(), ignore))
		b.ReportMetric(contacts/time.Since(begin).Seconds(), "contacts/s")
	}
}
