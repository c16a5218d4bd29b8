//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// Somebody turns pre-images off, or lets them expire. Then it is unknown which lists and rooms a contact
// left. The whole cache is invalidated and all clients re-read; nothing is guessed.
func TestImagesMissing(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(c *cluster){
		"disabled": func(c *cluster) {
			require.NoError(c.t, c.db.RunCommand(c.t.Context(), bson.D{
				{Key: "collMod", Value: "contacts"}, {Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: false}}},
			}).Err())
		},
		"expired": func(c *cluster) {
			// The watcher is down until the images of the writes in the meantime have expired.
			i := c.instances[0]
			i.shutdown()
			c.admin(bson.D{{Key: "setClusterParameter", Value: bson.D{{Key: "changeStreamOptions", Value: bson.D{
				{Key: "preAndPostImages", Value: bson.D{{Key: "expireAfterSeconds", Value: 1}}},
			}}}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1, plan{instances: 1, mongod: []string{"--setParameter", "expiredChangeStreamPreImageRemovalJobSleepSecs=1"}})
			l := c.startLoad()
			l.waitForWrites(150)
			take(c)
			if name == "expired" {
				l.writeDirectly(60)
				images := c.client.Database("config").Collection("system.preimages")
				c.eventually(30*time.Second, "the images have expired", func() bool {
					n, err := images.CountDocuments(t.Context(), bson.D{})
					return err == nil && n == 0
				})
				c.instances[0].boot()
			}
			l.waitForWrites(100)
			l.endAndCheck(allowances{drainTime: 60 * time.Second})
			require.Positive(t, c.sum("grapevine_ws_resyncs_total"), "clients were told to re-read")
			require.Positive(t, c.sum("grapevine_cache_purges_total"))
			require.Empty(t, c.gaps())
		})
	}
}
