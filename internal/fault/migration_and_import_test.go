//go:build fault

package fault

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// insertVersion1 inserts contacts as the program of version 1 stored them, and makes that the version of the data.
func (c *cluster) insertVersion1(workspace string, n int) {
	c.t.Helper()
	contacts := make([]any, n)
	for i := range contacts {
		contacts[i] = bson.D{
			{Key: "workspace", Value: workspace},
			{Key: "kind", Value: "person"},
			{Key: "firstName", Value: "earlier"},
			{Key: "email", Value: "earlier@example.com"},
			{Key: "storm", Value: i % 40},
		}
	}
	c.insertMany(grapevine.CollectionContacts, contacts)
	_, err := c.db.Collection(grapevine.CollectionControl).InsertOne(c.t.Context(), bson.D{{Key: "_id", Value: grapevine.ControlSchema}, {Key: "version", Value: 1}})
	require.NoError(c.t, err)
}

// waitForMigration says that the earlier program has had its time to end, and waits for the end of the migration.
func (c *cluster) waitForMigration(within time.Duration) {
	c.t.Helper()
	control := c.db.Collection(grapevine.CollectionControl)
	_, err := control.UpdateByID(c.t.Context(), grapevine.ControlSchema,
		bson.D{{Key: "$set", Value: bson.D{{Key: "migration.raisedAt", Value: time.Now().Add(-45 * time.Second)}}}})
	require.NoError(c.t, err)
	c.eventually(within, "the migration is over", func() bool {
		n, err := control.CountDocuments(c.t.Context(), bson.D{{Key: "migration.endedAt", Value: bson.D{{Key: "$exists", Value: true}}}})
		return err == nil && n == 1
	})
	require.Zero(c.t, c.count(grapevine.CollectionContacts, bson.D{{Key: "email", Value: bson.D{{Key: "$exists", Value: true}}}}), "each e-mail is in the list")
}

// walked is how many contacts the walk that goes on has seen.
func (c *cluster) walked() int64 {
	var forms struct {
		Walk struct {
			Seen int64 `bson:"seen"`
		} `bson:"walk"`
	}
	// An error is a walk that has not begun.
	_ = c.db.Collection(grapevine.CollectionControl).FindOne(c.t.Context(), bson.D{{Key: "_id", Value: grapevine.ControlForms}}).Decode(&forms)
	return forms.Walk.Seen
}

// beginImport sends a file, and returns the id of its import without waiting for the answer, which the fault may prevent.
func (c *cluster) beginImport(i *instance, file string) (id string) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	c.t.Cleanup(cancel)
	go i.call(ctx, http.MethodPost, "/contacts/import?onMatch=add", file, "Content-Type", "text/csv")
	c.eventually(60*time.Second, "the import is accepted", func() bool {
		var found struct {
			ID bson.ObjectID `bson:"_id"`
		}
		err := c.db.Collection(grapevine.CollectionImports).FindOne(ctx, bson.D{}).Decode(&found)
		id = found.ID.Hex()
		return err == nil
	})
	return id
}

// Two instances migrate data of the version before and import a file, when a fault comes in the middle of both. Both go on by
// themselves: each contact is there once and in the shape of today, and nobody is welcomed.
func TestFaultDuringMigrationAndImport(t *testing.T) {
	t.Parallel()
	const earlier, rows = 4_000, 12_000
	var file strings.Builder
	file.WriteString("First Name,E-mail\n")
	for n := range rows {
		fmt.Fprintf(&file, "Person %d,p%d@example.com\n", n, n)
	}
	for name, fault := range map[string]struct {
		nodes int
		gap   bool
		do    func(c *cluster)
	}{
		"redis is emptied": {gap: true, do: func(c *cluster) { require.NoError(c.t, c.rdb.FlushAll(c.t.Context()).Err()) }},
		"redis is killed": {do: func(c *cluster) {
			c.redis.Kill()
			c.sleep(3 * time.Second)
			ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
			defer cancel()
			require.NoError(c.t, c.redis.Restart(ctx))
		}},
		"the primary steps down": {nodes: 3, do: func(c *cluster) { c.stepDown() }},
		"the holder is killed": {do: func(c *cluster) {
			holder := c.holder()
			holder.Kill()
			c.sleep(time.Second)
			holder.boot()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, number("SEED", 1), plan{nodes: fault.nodes, instances: -1})
			c.insertVersion1("old", earlier)
			for range 2 {
				c.startInstance()
			}
			c.waitForStreaming(60 * time.Second)
			id := c.beginImport(c.instances[1], file.String())
			ofImport := bson.D{{Key: "_meta.group", Value: id}}
			c.eventually(60*time.Second, "both are in the middle", func() bool {
				return c.count(grapevine.CollectionContacts, ofImport) > 500 && c.walked() > 400
			})
			imported, walked := c.count(grapevine.CollectionContacts, ofImport), c.walked()
			c.logf("%d contacts are imported, %d are walked over", imported, walked)
			require.Less(t, imported, int64(rows), "the import goes on")
			require.Positive(t, walked, "the walk goes on")
			fault.do(c)
			var state importState
			took := c.eventually(2*time.Minute, "the import ends", func() bool {
				state = c.instances[1].importState(id)
				return state.State == "done" || state.State == "failed"
			})
			c.logf("%s: the import ended %s later", name, took.Round(time.Second))
			require.Equal(t, "done", state.State, state.Message)
			require.Equal(t, []int{rows, rows, 0, 0}, []int{state.Read, state.Created, state.Unchanged, state.More})
			c.waitForMigration(2 * time.Minute)
			c.waitForStreaming(30 * time.Second)
			c.waitForForms()
			require.EqualValues(t, rows, c.count(grapevine.CollectionContacts, ofImport))
			require.EqualValues(t, earlier, c.count(grapevine.CollectionContacts, bson.D{{Key: "emails.value", Value: "earlier@example.com"}}))
			require.EqualValues(t, earlier+rows, c.count(grapevine.CollectionContacts, bson.D{}))
			require.Empty(t, c.mail.counts(), "nobody is welcomed")
			require.Equal(t, fault.gap, c.hadGap())
		})
	}
}
