package realtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RequireLinear fails if eight times the size takes far more than eight times the time. work does something with an input
// of that size.
func RequireLinear(t testing.TB, size int, work func(size int)) {
	t.Helper()
	const (
		factor = 8
		most   = 3 * factor // quadratic work takes factor * factor
		noise  = 30 * time.Millisecond
	)
	small := Quickest(2, func() { work(size) })
	large := Quickest(2, func() { work(factor * size) })
	require.Less(t, large, most*small+noise, "time for %d after %s for %d", factor*size, small, size)
}
