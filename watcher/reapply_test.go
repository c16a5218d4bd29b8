package watcher

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

// Contacts from before the first start get no job, not even from a replay that starts before it.
func TestReplayOfJobsDoesNotReachBeforeTheFirstStart(t *testing.T) {
	r := newRig(t, realtest.New(t))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.NoError(t, r.prepareContacts(ctx))
	existing := r.insert(t, 3)
	before := grapevine.NewPosition(uint32(existing[0].Timestamp().Unix())-1, 1, 0)
	r.start(t)
	r.insert(t, 2)
	eventually(t, "2 live", func() bool { return r.jobs.count(grapevine.Created) == 2 })

	_, err := Submit(ctx, r.db, Command{Name: CommandReplay, RequestedBy: "test", From: before.String(), Effects: []string{EffectJobs}})
	require.NoError(t, err)
	require.Equal(t, 4, r.jobs.count(grapevine.Created), "only the 2 live ones again")
}
