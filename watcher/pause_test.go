package watcher

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

// Whoever takes the lease knows of a pause before it could apply anything. It once learned of it from
// a goroutine beside, and a few batches could slip through.
func TestANewHolderBeginsPaused(t *testing.T) {
	r := newRig(t, realtest.New(t))
	_, err := acts(r.db).InsertOne(t.Context(), Act{ID: bson.NewObjectID(), Act: "pause", State: "done"})
	require.NoError(t, err)
	s := &session{Watcher: r.Watcher, lease: newLease(r.rdb, "grapevine:lease", "test", r.log)}
	require.NoError(t, s.begin(t.Context()))
	require.True(t, r.paused.Load())
}
