package realtest

import (
	"math"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RequireLinear fails if eight times the size takes far more than eight times the work. work does something with an input
// of that size. It is measured as processor time, because on a busy machine a long run waits, and a short one does not.
func RequireLinear(t testing.TB, size int, work func(size int)) {
	t.Helper()
	const (
		factor = 8
		most   = 3 * factor // quadratic work takes factor * factor
		noise  = 30 * time.Millisecond
	)
	small := leastProcessorTime(t, func() { work(size) })
	large := leastProcessorTime(t, func() { work(factor * size) })
	require.Less(t, large, most*small+noise, "processor time for %d after %s for %d", factor*size, small, size)
}

// leastProcessorTime is the least processor time of three runs. The first may do more, such as making its input.
func leastProcessorTime(t testing.TB, work func()) time.Duration {
	t.Helper()
	least := time.Duration(math.MaxInt64)
	for range 3 {
		before := processorTime(t)
		work()
		least = min(least, processorTime(t)-before)
	}
	return least
}

// processorTime is how long all threads of this process have worked.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
