package lifecycle_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/lifecycle"
)

func TestWorkOutlivesIntakeByTheGracePeriod(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	intake, work, cancel := lifecycle.SoftStop(ctx, 50*time.Millisecond)
	defer cancel(nil)
	require.NoError(t, intake.Err())
	stop()
	<-intake.Done()
	require.NoError(t, work.Err(), "the work can still be finished")
	<-work.Done()
	require.ErrorIs(t, context.Cause(work), lifecycle.ErrGraceOver)
}

func TestCancelEndsBothWithItsCause(t *testing.T) {
	intake, work, cancel := lifecycle.SoftStop(t.Context(), time.Hour)
	cause := errors.New("the lease was lost")
	cancel(cause)
	<-intake.Done()
	<-work.Done()
	require.ErrorIs(t, context.Cause(intake), cause)
	require.ErrorIs(t, context.Cause(work), cause)
}

func TestCancelCutsTheGracePeriodShort(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	_, work, cancel := lifecycle.SoftStop(ctx, time.Hour)
	stop()
	cancel(nil)
	<-work.Done()
	require.ErrorIs(t, context.Cause(work), context.Canceled)
}
