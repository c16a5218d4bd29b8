//go:build fault

package fault

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// mongod is restored from a copy of its files: the same replica set at an earlier time. No event reports
// the writes that the restore undid. The cache, the clients and the checkpoint follow all the same.
//
// Until then another program writes to a collection of its own. The newest resume token of the server is then not that
// of a change that the watcher follows. MongoDB accepts such a token even if its history is another one.
func TestDatabaseRestored(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.startLoad()
	l.waitForWrites(100)
	l.end()
	c.waitForDrain(l.clients, allowances{})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	data, kept := filepath.Join(c.dir, "mongo", "db"), filepath.Join(c.dir, "mongo", "kept")
	c.mongod.Kill()
	require.NoError(t, os.CopyFS(kept, os.DirFS(data)))
	require.NoError(t, c.mongod.Restart(ctx))

	id := bson.NewObjectID()
	undone := state{workspace: "one", owner: "ann", notes: "undone", email: "undone@example.org"}
	require.True(t, retryUntil(ctx, func() bool {
		_, err := c.db.Collection(grapevine.CollectionContacts).InsertOne(ctx, document(id, undone))
		return err == nil || mongo.IsDuplicateKeyError(err)
	}))
	c.waitForDrain(l.clients, allowances{drainTime: 60 * time.Second})
	for _, i := range c.instances {
		_, _, body := i.get("/contacts/"+id.Hex(), "Workspace", "one")
		require.Equal(t, undone, stateOf(contactOf(body)))
	}
	stopOther := c.writeElsewhere()
	time.Sleep(time.Second)
	c.mongod.Kill()
	stopOther()
	require.NoError(t, os.RemoveAll(data))
	require.NoError(t, os.Rename(kept, data))
	require.NoError(t, c.mongod.Restart(ctx))
	c.logf("restored")
	g := c.waitForHealedGap(1, 60*time.Second)
	require.NotEmpty(t, g.From)
	l.writeDirectly(50)
	l.expected[id.Hex()] = &expectation{state: state{workspace: "one", gone: true}} // the oracle reads this contact too
	l.endAndCheck(allowances{drainTime: 60 * time.Second})
}

// writeElsewhere writes to a collection that no one follows until the returned function is called.
func (c *cluster) writeElsewhere() (stop func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_, _ = c.db.Collection("elsewhere").InsertOne(ctx, bson.D{})
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}
