package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

func newLedger(t *testing.T) *Ledger {
	t.Helper()
	l := New(realtest.New(t).DB(t))
	require.NoError(t, l.Prepare(t.Context()))
	return l
}

// row reads the row of a contact. It is empty if there is none.
func (l *Ledger) row(t *testing.T, contact bson.ObjectID) row {
	t.Helper()
	var r row
	err := l.rows.FindOne(t.Context(), bson.D{{Key: "_id", Value: contact}}).Decode(&r)
	if err != nil {
		require.ErrorIs(t, err, mongo.ErrNoDocuments)
	}
	return r
}

func soon() time.Time { return time.Now().Add(time.Minute) }

func TestAClaimExcludesOthersUntilItIsReleased(t *testing.T) {
	l := newLedger(t)
	contact := bson.NewObjectID()
	first, err := l.Claim(t.Context(), contact, soon())
	require.NoError(t, err)
	require.Equal(t, 1, first.Attempt)
	_, err = l.Claim(t.Context(), contact, soon())
	var held *HeldError
	require.ErrorAs(t, err, &held)
	require.WithinDuration(t, soon().Add(l.Margin), held.Until, 10*time.Second)

	first.Release(t.Context())
	second, err := l.Claim(t.Context(), contact, soon())
	require.NoError(t, err)
	require.Equal(t, 2, second.Attempt)
}

func TestAFinishedContactCannotBeClaimed(t *testing.T) {
	l := newLedger(t)
	contact := bson.NewObjectID()
	claim, err := l.Claim(t.Context(), contact, soon())
	require.NoError(t, err)
	require.NoError(t, claim.Finish(t.Context(), Done, "no email"))
	claim.Release(t.Context())
	r := l.row(t, contact)
	require.Equal(t, Done, r.State, "a release after the finish changes nothing")
	require.Equal(t, "no email", r.Note)
	require.Empty(t, r.Holder)
	_, err = l.Claim(t.Context(), contact, soon())
	require.ErrorIs(t, err, ErrDone)
}

// The run's context has ended, for example at a shutdown. The outcome is recorded all the same.
func TestFinishIgnoresTheEndOfItsContext(t *testing.T) {
	l := newLedger(t)
	contact := bson.NewObjectID()
	claim, err := l.Claim(t.Context(), contact, soon())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, claim.Finish(ctx, Done, ""))
	require.Equal(t, Done, l.row(t, contact).State)
}

// Another run may take an expired claim. After that, the first run can change nothing.
func TestAnExpiredClaimIsFenced(t *testing.T) {
	l := newLedger(t)
	contact := bson.NewObjectID()
	l.Margin = time.Millisecond
	first, err := l.Claim(t.Context(), contact, time.Now())
	require.NoError(t, err)
	first.recordBy = soon() // the run is late but still at work
	var second *Claim
	require.Eventually(t, func() bool {
		second, err = l.Claim(context.Background(), contact, soon())
		return err == nil
	}, 5*time.Second, time.Millisecond)
	require.Equal(t, 2, second.Attempt)
	require.ErrorIs(t, first.Finish(t.Context(), Done, ""), ErrClaimLost)
	require.Equal(t, Claimed, l.row(t, contact).State)
	first.ended = false
	first.Release(t.Context())
	require.Equal(t, second.holder, l.row(t, contact).Holder)
}

func TestEmpty(t *testing.T) {
	l := newLedger(t)
	empty, err := l.Empty(t.Context())
	require.NoError(t, err)
	require.True(t, empty)
	_, err = l.Claim(t.Context(), bson.NewObjectID(), soon())
	require.NoError(t, err)
	empty, err = l.Empty(t.Context())
	require.NoError(t, err)
	require.False(t, empty)
}

// A live task claims a contact between the scan and the insert. The other contacts are marked all the same.
func TestRowsInsertedDuringTheScanAreKept(t *testing.T) {
	l := newLedger(t)
	a, b := bson.NewObjectID(), bson.NewObjectID()
	_, err := l.Claim(t.Context(), a, soon())
	require.NoError(t, err)
	n, err := l.insertPreexisting(t.Context(), []bson.ObjectID{a, b})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Equal(t, Claimed, l.row(t, a).State)
	require.Equal(t, Preexisting, l.row(t, b).State)
}

func TestScanFromAnInvalidIDIsAnError(t *testing.T) {
	l := newLedger(t)
	progress := func(context.Context, string, int64, int64) error { return nil }
	require.ErrorContains(t, l.MarkPreexisting(t.Context(), "yesterday", progress), "yesterday")
}
