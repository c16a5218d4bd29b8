package watcher

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestPositionsCountWithinATime(t *testing.T) {
	var last grapevine.Position
	var got []string
	for _, ts := range []bson.Timestamp{{T: 1, I: 1}, {T: 1, I: 2}, {T: 1, I: 2}, {T: 1, I: 2}, {T: 2, I: 1}} {
		last = nextPosition(last, ts)
		got = append(got, last.String())
	}
	require.Equal(t, []string{"4294967297-0", "4294967298-0", "4294967298-1", "4294967298-2", "8589934593-0"}, got)
}
