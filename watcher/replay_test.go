package watcher

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

// Contacts that were there before the first start are owed nothing. A replay from before it once
// enqueued a welcome for every one of them.
func TestReplayOfJobsDoesNotReachBeforeTheFirstStart(t *testing.T) {
	r := newRig(t, realtest.New(t))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.NoError(t, r.prepare(ctx))
	there := r.insert(t, 3)
	before := grapevine.At(uint32(there[0].Timestamp().Unix())-1, 1, 0)
	r.start(t)
	r.insert(t, 2)
	eventually(t, "2 live", func() bool { return r.jobs.count(grapevine.Created) == 2 })

	_, err := Submit(ctx, r.db, Command{Name: CommandReplay, RequestedBy: "test", From: before.String(), Effects: []string{EffectJobs}})
	require.NoError(t, err)
	require.Equal(t, 4, r.jobs.count(grapevine.Created), "the 2 live ones again, and nobody else")
}
