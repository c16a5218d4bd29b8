package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func ids(tasks []task) []string {
	out := []string{}
	for _, t := range tasks {
		out = append(out, t.id)
	}
	return out
}

func TestPlannedTasks(t *testing.T) {
	id := bson.NewObjectID()
	minute := uint32(time.Date(2026, 11, 23, 0, 22, 0, 0, time.UTC).Unix())
	at := func(second uint32) grapevine.Position { return grapevine.NewPosition(minute+second, 1, 0) }
	in := func(workspace string) *grapevine.Contact {
		return &grapevine.Contact{ID: id.Hex(), Workspace: workspace}
	}
	for name, c := range map[string]struct {
		changes []grapevine.Change
		want    []string
	}{
		"nothing": {want: []string{}},
		"heartbeat and resync": {
			[]grapevine.Change{{Op: grapevine.Heartbeat, Position: at(0)}, {Op: grapevine.Resync, Position: at(1)}},
			[]string{},
		},
		"only the derived part": {
			[]grapevine.Change{{Op: grapevine.Updated, Position: at(0), ID: id.Hex(), Before: in("a"), After: in("a"), DerivedOnly: true}},
			[]string{},
		},
		"created": {
			[]grapevine.Change{{Op: grapevine.Created, Position: at(0), ID: id.Hex(), After: in("a")}},
			[]string{"welcome:" + id.Hex(), "digest:a:2026-11-23T00.22Z"},
		},
		"one digest for a minute, another for the next": {
			[]grapevine.Change{
				{Op: grapevine.Updated, Position: at(0), ID: id.Hex(), Before: in("a"), After: in("a")},
				{Op: grapevine.Updated, Position: at(59), ID: id.Hex(), After: in("a")},
				{Op: grapevine.Deleted, Position: at(60), ID: id.Hex(), Before: in("a")},
			},
			[]string{"digest:a:2026-11-23T00.22Z", "digest:a:2026-11-23T00.23Z"},
		},
		"moved: a digest for both workspaces": {
			[]grapevine.Change{{Op: grapevine.Updated, Position: at(5), ID: id.Hex(), Before: in("a"), After: in("b")}},
			[]string{"digest:a:2026-11-23T00.22Z", "digest:b:2026-11-23T00.22Z"},
		},
		"deleted, pre-image missing": {
			[]grapevine.Change{{Op: grapevine.Deleted, Position: at(5), ID: id.Hex()}},
			[]string{},
		},
		"an invalid workspace": {
			[]grapevine.Change{{Op: grapevine.Updated, Position: at(5), ID: id.Hex(), After: in("No such:thing")}},
			[]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, ids(planTasks(c.changes, time.Time{}).tasks))
		})
	}
}

func TestAnIDThatIsNotAnObjectIDIsCounted(t *testing.T) {
	p := planTasks([]grapevine.Change{{Op: grapevine.Created, ID: "7", After: &grapevine.Contact{ID: "7"}}}, time.Time{})
	require.Empty(t, p.tasks)
	require.Equal(t, 1, p.badIDs)
}

func TestDigestsOfOldMinutesAreDropped(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	id := bson.NewObjectID()
	p := planTasks([]grapevine.Change{
		created(id, uint32(now.Add(-3*time.Hour).Unix())),
		created(id, uint32(now.Add(-30*time.Minute).Unix())),
	}, now.Add(-time.Hour))
	require.Equal(t, []string{"welcome:" + id.Hex(), "welcome:" + id.Hex(), "digest:default:2026-11-23T00.30Z"}, ids(p.tasks),
		"a welcome is never too old")
	require.Equal(t, 1, p.oldDigests)
}
