//go:build fault

package fault

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// Nobody writes contacts, and other data fills the oplog several times. The heartbeat keeps the checkpoint
// young, so a later restart finds its position in the oplog. The pipeline does not follow its own
// collections: while nothing happens it applies one heartbeat a second and nothing else.
func TestQuietCollection(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1, mongod: []string{"--oplogSize", "16", "--syncdelay", "1"}})
	ctx := t.Context()
	oldest := func() bson.Timestamp {
		var entry struct {
			TS bson.Timestamp `bson:"ts"`
		}
		require.NoError(t, c.client.Database("local").Collection("oplog.rs").
			FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "$natural", Value: 1}})).Decode(&entry))
		return entry.TS
	}
	first := c.checkpoint()
	began := time.Now()
	noise := c.client.Database("noise").Collection("noise", options.Collection().SetWriteConcern(writeconcern.W1()))
	rubbish := []any{}
	for range 5 {
		rubbish = append(rubbish, bson.D{{Key: "x", Value: strings.Repeat("x", 100<<10)}})
	}
	ticker := time.NewTicker(200 * time.Millisecond) // 2.5 MB a second: the oplog holds some six seconds
	defer ticker.Stop()
	bound, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for oldest().T <= first.T()+1 {
		_, err := noise.InsertMany(bound, rubbish)
		require.NoError(t, err)
		<-ticker.C
	}
	c.logf("the first checkpoint is no longer in the oplog")
	require.True(t, first.Before(c.checkpoint()))
	seconds := time.Since(began).Seconds()
	batches := c.sum("grapevine_watcher_batches_total")
	require.Less(t, batches, 2*seconds+15, "one batch a second")
	require.Zero(t, c.sum("grapevine_watcher_changes_total"))

	c.instances[0].shutdown()
	c.instances[0].boot()
	c.waitForStreaming(20 * time.Second)
	require.Empty(t, c.gaps())
	require.Zero(t, c.sum("grapevine_watcher_reconciles_total"))
	require.Zero(t, c.sum("grapevine_watcher_stream_reopened_total"))
}
