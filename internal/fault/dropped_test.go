//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// expectNoContacts makes the load expect that all its contacts are gone.
func (l *load) expectNoContacts() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.expected {
		f.gone, f.attempt = true, nil
	}
}

// requireCollectionIntact asserts that the contacts collection has its indexes, validator and pre-images.
func (c *cluster) requireCollectionIntact() {
	c.t.Helper()
	specs, err := c.db.ListCollectionSpecifications(c.t.Context(), bson.D{{Key: "name", Value: "contacts"}})
	require.NoError(c.t, err)
	require.Len(c.t, specs, 1)
	enabled, _ := specs[0].Options.Lookup("changeStreamPreAndPostImages", "enabled").BooleanOK()
	require.True(c.t, enabled, "images")
	_, err = specs[0].Options.LookupErr("validator", "$jsonSchema")
	require.NoError(c.t, err, "validator")
	indexes, err := c.db.Collection(grapevine.CollectionContacts).Indexes().ListSpecifications(c.t.Context())
	require.NoError(c.t, err)
	require.Greater(c.t, len(indexes), 5)
}

// Somebody drops, renames or replaces a collection that the pipeline needs, while it runs. The change
// stream then ends, with or without an error. The pipeline makes the collections again, and all clients
// re-read.
func TestDropped(t *testing.T) {
	rename := func(ctx context.Context, c *cluster, from, to string) error {
		return c.client.Database("admin").RunCommand(ctx, bson.D{
			{Key: "renameCollection", Value: database + "." + from}, {Key: "to", Value: database + "." + to}, {Key: "dropTarget", Value: true},
		}).Err()
	}
	for name, fault := range map[string]struct {
		do     func(context.Context, *cluster) error
		undo   func(context.Context, *cluster) error
		reason string
	}{
		"contacts": {do: func(ctx context.Context, c *cluster) error {
			return c.db.Collection(grapevine.CollectionContacts).Drop(ctx)
		}, reason: "drop of contacts"},
		"database": {do: func(ctx context.Context, c *cluster) error { return c.db.Drop(ctx) }, reason: "drop"},
		"heartbeats": {do: func(ctx context.Context, c *cluster) error {
			return c.db.Collection(grapevine.CollectionHeartbeats).Drop(ctx)
		}, reason: "drop of heartbeats"},
		"renamed away": {do: func(ctx context.Context, c *cluster) error { return rename(ctx, c, "contacts", "attic") }, reason: "rename of contacts to attic"},
		"and back": {
			do:     func(ctx context.Context, c *cluster) error { return rename(ctx, c, "contacts", "attic") },
			undo:   func(ctx context.Context, c *cluster) error { return rename(ctx, c, "attic", "contacts") },
			reason: "rename of attic to contacts",
		},
		"replaced by $out": {do: func(ctx context.Context, c *cluster) error {
			cursor, err := c.db.Collection("nothing").Aggregate(ctx, bson.A{bson.D{{Key: "$out", Value: "contacts"}}})
			if err == nil {
				err = cursor.Close(ctx)
			}
			return err
		}, reason: "to contacts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, number("SEED", 1), plan{})
			l := c.startLoad()
			l.waitForWrites(200)
			l.end() // the fault deletes contacts that the load expects
			// A welcome is skipped for good if its contact is gone when it runs.
			c.waitForDrain(l.clients, allowances{})
			require.NoError(t, fault.do(t.Context(), c))
			g := c.waitForHealedGap(1, 30*time.Second)
			if fault.undo != nil {
				require.NoError(t, fault.undo(t.Context(), c))
				g = c.waitForHealedGap(2, 30*time.Second)
			} else if name != "heartbeats" {
				l.expectNoContacts()
			}
			require.Contains(t, g.Reason, fault.reason)
			c.requireCollectionIntact()
			l.writeDirectly(200)
			l.endAndCheck(allowances{drainTime: 60 * time.Second})
			c.requireCollectionIntact()
			require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
			for _, k := range l.clients {
				_, _, f := k.snapshot()
				require.Positive(t, f.resyncs)
			}
		})
	}
}
