package watcher

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWindowLeft(t *testing.T) {
	require.InDelta(t, 1, oplogWindowLeft(10, 20, 20), 0)
	require.InDelta(t, 0.5, oplogWindowLeft(10, 20, 15), 0)
	require.InDelta(t, 0, oplogWindowLeft(10, 20, 5), 0)
	require.InDelta(t, 1, oplogWindowLeft(10, 10, 10), 0)
	require.InDelta(t, 1, oplogWindowLeft(10, 11, 10), 0, "one heartbeat behind in an oplog of one second")
}
