package watcher

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

func TestErrorsOfTheStream(t *testing.T) {
	for code, want := range map[int32][3]bool{ // history lost, refused, oversized
		286: {true, true, false}, 136: {true, true, false}, 280: {true, true, false}, 260: {true, true, false},
		10334: {false, true, true}, 13: {false, false, false}, 40573: {false, false, false}, 50811: {false, true, false},
	} {
		err := mongo.CommandError{Code: code}
		require.Equal(t, want, [3]bool{isHistoryLost(err), isRefused(err), isOversized(err)}, code)
	}
	require.False(t, isRefused(mongo.CommandError{Code: 91, Labels: []string{"ResumableChangeStreamError"}}))
	require.False(t, isRefused(errors.New("connection refused")))
}
