//go:build fault

package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/retry"
	"grapevine/store"
)

// unformed returns contacts whose derived part does not belong to their fields.
func (c *cluster) unformed() (ids []string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 60*time.Second)
	defer cancel()
	cursor, err := c.db.Collection(grapevine.CollectionContacts).Find(ctx, bson.D{})
	require.NoError(c.t, err)
	for cursor.Next(ctx) {
		if contact, err := store.Decode(cursor.Current); err == nil && !store.IsFormed(cursor.Current, &contact) {
			ids = append(ids, contact.ID)
		}
	}
	require.NoError(c.t, cursor.Err())
	return ids
}

// waitForForms waits until each contact has the derived part of its fields.
func (c *cluster) waitForForms() {
	c.t.Helper()
	var left []string
	took := c.eventually(60*time.Second, "every contact is formed", func() bool { left = c.unformed(); return len(left) == 0 })
	c.logf("all contacts are formed %s after the drain", took.Round(time.Millisecond))
}

const stormPause = 50 * time.Millisecond // 50 contacts are edited between two

// stormContacts edits contacts as a script in mongosh does, until ctx ends: names, lists, shorthands, and the derived part itself.
func (c *cluster) stormContacts(ctx context.Context, seed uint64) {
	rng := rand.New(rand.NewPCG(c.seed, seed))
	contacts := c.db.Collection(grapevine.CollectionContacts)
	for ctx.Err() == nil {
		n := rng.IntN(1000)
		edit := []bson.D{
			{{Key: "$set", Value: bson.D{{Key: "lastName", Value: fmt.Sprint("Name", n)}}}},
			{{Key: "$set", Value: bson.D{{Key: "email", Value: fmt.Sprintf("a%d@example.org", n)}}}},
			{{Key: "$set", Value: bson.D{{Key: "tags", Value: bson.A{fmt.Sprint(n)}}}}},
			{{Key: "$unset", Value: bson.D{{Key: "_form", Value: ""}}}},
			{{Key: "$set", Value: bson.D{{Key: "_form.w", Value: bson.A{"n:other"}}}}},
		}[rng.IntN(5)]
		filter := bson.D{{Key: "storm", Value: rng.IntN(40)}}
		_, _ = contacts.UpdateMany(ctx, filter, edit) // the fault may refuse it
		_ = retry.Sleep(ctx, stormPause)
	}
}

// The holder of the lease is killed after it has named contacts, after it has formed them, and in the middle of the walk of a
// migration, while scripts edit contacts. In the end every contact has the derived part of its fields.
func TestKillWhileForming(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"after-naming", "after-forming", "mid-walk"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, number("SEED", 1), plan{instances: -1, env: map[string]string{"ROLES": "api,watcher"}})
			c.insertVersion1("storm", 2000)
			storm, end := context.WithCancel(t.Context())
			defer end()
			for seed := range uint64(2) {
				go c.stormContacts(storm, seed)
			}
			victim := c.newInstance()
			victim.launch("CRASH_AT="+point, "CRASH_SKIP=4")
			c.eventually(40*time.Second, "the crash point is reached", func() bool { return !victim.running() })
			c.logf("%s", point)
			c.startInstance()
			c.startInstance("ROLES=worker")
			c.waitForStreaming(20 * time.Second)
			l := c.startLoad()
			victim.boot()
			l.waitForWrites(100)
			end()
			l.endAndCheck(allowances{})
			require.Empty(t, c.gaps(), "a crash is not a gap")

			// Nothing writes in the earlier form any more, so the migration can end.
			c.waitForMigration(40 * time.Second)
			require.Empty(t, c.unformed())
		})
	}
}
