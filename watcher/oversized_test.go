package watcher

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// The server reads many changes at once, so the changes around an oversized one fail with it. They keep their
// images, even those of a document that was inserted and deleted before it was read.
func TestChangesAroundAnOversizedOne(t *testing.T) {
	env := realtest.New(t)
	r := newRig(t, env)
	splits := splitsEvents(t, r)
	r.start(t)
	ids := r.insert(t, 1)
	eventually(t, "1 event", func() bool { return r.events.count(grapevine.Created) == 1 })
	r.stop()

	ctx, contacts := context.Background(), r.db.Collection(grapevine.CollectionContacts)
	set := func(id any, field string, value any) {
		_, err := contacts.UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}})
		require.NoError(t, err)
	}
	insert := func(notes string) bson.ObjectID {
		id := bson.NewObjectID()
		_, err := contacts.InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "workspace", Value: "default"}, {Key: "notes", Value: notes}})
		require.NoError(t, err)
		return id
	}
	remove := func(id bson.ObjectID) {
		_, err := contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
		require.NoError(t, err)
	}
	remove(insert("came and went"))
	set(ids[0], "workspace", "other")
	large := insert(strings.Repeat("x", 9<<20))
	set(large, "small", true) // 18 MB with its images
	set(ids[0], "workspace", "default")
	remove(insert("came and went again"))

	again := newRig(t, env)
	again.start(t)
	eventually(t, "all of them", func() bool { return again.events.count(grapevine.Deleted) == 2 })
	var got []grapevine.Op
	for _, c := range again.events.contacts() {
		got = append(got, c.Op)
		switch {
		case c.Op != grapevine.Updated:
		case c.ID != large.Hex():
			require.NotNil(t, c.Before)
			require.NotEqual(t, c.Before.Workspace, c.After.Workspace, "the images are those of the change, not later ones")
		case splits:
			require.NotNil(t, c.Before)
			require.Len(t, c.Before.Notes, 9<<20)
			require.Len(t, c.After.Notes, 9<<20)
		}
	}
	require.Equal(t, []grapevine.Op{
		grapevine.Created, grapevine.Deleted, grapevine.Updated, grapevine.Created, grapevine.Updated, grapevine.Updated, grapevine.Created, grapevine.Deleted,
	}, got)
	require.Zero(t, again.events.count(grapevine.Resync))
	withoutImages := 1.0
	if splits {
		withoutImages = 0
	}
	require.InDelta(t, withoutImages, count(t, again.metrics.oversized), 0)
	require.InDelta(t, 0, count(t, again.metrics.dead), 0)
}

// A replay reads an oversized change as the live stream does.
func TestReplayOfAnOversizedChange(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	ctx, contacts := context.Background(), r.db.Collection(grapevine.CollectionContacts)
	from := r.Applied()
	ids := r.insert(t, 5)
	for n, id := range ids {
		var err error
		switch n {
		case 1, 3: // 18 MB with its images
			_, err = contacts.UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: strings.Repeat("x", 9<<20)}}}})
			require.NoError(t, err)
			fallthrough
		default:
			_, err = contacts.UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "small", Value: true}}}})
		}
		require.NoError(t, err)
	}
	eventually(t, "all changes are applied", func() bool { return r.jobs.count(grapevine.Updated) == 7 })
	once := r.jobs.contacts()
	command, err := submit(t, r, Command{Name: CommandReplay, From: from.String(), Effects: []string{EffectJobs}})
	require.NoError(t, err)
	twice := r.jobs.contacts()[len(once):]
	require.Len(t, twice, len(once), command.Result)
	for i, c := range twice {
		require.Equal(t, once[i].Position, c.Position)
		require.Equal(t, once[i].Op, c.Op)
		require.Equal(t, once[i].ID, c.ID)
	}
	require.Len(t, r.events.contacts(), len(once), "no event is broadcast again")
}

// splitsEvents reports whether the server can split an event that exceeds 16 MB.
func splitsEvents(t *testing.T, r *rig) bool {
	t.Helper()
	cursor, err := r.db.Watch(t.Context(), r.streams.split.stages)
	if err == nil {
		require.NoError(t, cursor.Close(t.Context()))
	}
	return err == nil
}

func count(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	require.NoError(t, c.Write(&m))
	return m.GetCounter().GetValue()
}
