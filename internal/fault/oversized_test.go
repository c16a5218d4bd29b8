//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A script writes a document of 9 MB and then changes it. With its images the change exceeds 16 MB, and
// the change stream of an old server fails with error 10334. This change is read without images, later ones with them.
// MongoDB 6.0.9 and later splits the event, and the change is read whole.
func TestOversizedChange(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		large := c.newClient("large", 9)
		l.clients = append(l.clients, large)
		l.waitForWrites(100)

		contacts, ctx := c.db.Collection(grapevine.CollectionContacts), t.Context()
		splits := c.splitsEvents()
		id := bson.NewObjectID()
		s := state{workspace: "large", owner: "ann", notes: "first", email: "large@example.org"}
		write := func(next state, do func() error) {
			l.attempting(id.Hex(), next)
			require.NoError(t, do())
			l.acknowledged(id.Hex())
			s = next
		}
		set := func(field string, value any) func() error {
			return func() error {
				_, err := contacts.UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}})
				return err
			}
		}
		shows := func(want state) bool {
			model, _, _ := large.snapshot()
			return stateOf(model[id.Hex()]) == want
		}
		write(s, func() error {
			_, err := contacts.InsertOne(ctx, append(document(id, s), bson.E{Key: "scan", Value: bson.Binary{Data: make([]byte, 9<<20)}}))
			return err
		})
		c.eventually(20*time.Second, "a document of 9 MB arrives", func() bool { return shows(s) })
		require.Zero(t, c.sum("grapevine_watcher_oversized_total"))

		next := s
		next.notes = "second"
		write(next, set("notes", "second"))
		c.logf("the change arrived after %s", c.eventually(20*time.Second, "the change arrives", func() bool { return shows(next) }).Round(time.Millisecond))
		require.Equal(t, !splits, c.sum("grapevine_watcher_oversized_total") > 0)
		_, _, before := large.snapshot()

		// Without images nothing says which room it left, so all clients are told to re-read.
		next.workspace = "one"
		write(next, set("workspace", "one"))
		c.eventually(20*time.Second, "the contact has left the room", func() bool { return shows(state{}) })
		_, _, after := large.snapshot()
		require.Equal(t, !splits, after.resyncs > before.resyncs)
		l.waitForWrites(100)

		next.gone = true
		write(next, func() error {
			_, err := contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
			return err
		})
		l.endAndCheck(allowances{drainTime: 60 * time.Second})
		require.Zero(t, c.sum("grapevine_watcher_dead_changes_total"), "no change became a dead letter")
		require.Empty(t, c.gaps())
		require.Equal(t, 1, c.mail.counts()["welcome:"+id.Hex()])
	})
}
