package events

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

var (
	ann   = grapevine.Author{Kind: grapevine.ByUser, ID: "a"}
	robot = grapevine.Author{Kind: grapevine.ByToken, ID: "r"}
)

// bodies are the bodies of the entries in the log, by their ids.
func (w *harness) bodies() map[string]string {
	w.t.Helper()
	found, err := w.rdb.XRange(w.t.Context(), w.log.key, "-", "+").Result()
	require.NoError(w.t, err)
	list := map[string]string{}
	for _, m := range found {
		list[m.ID], _ = m.Values["body"].(string)
	}
	return list
}

func TestFramesTellTheNamesOfAuthors(t *testing.T) {
	var asked [][]grapevine.Author
	w := newHarness(t, Config{Names: func(_ context.Context, authors []grapevine.Author) map[grapevine.Author]string {
		asked = append(asked, authors)
		return map[grapevine.Author]string{ann: "Ann", robot: strings.Repeat("ü", 300)}
	}})
	want := map[grapevine.Author]string{
		ann:                                  `"source":"api","by":{"kind":"user","id":"a","name":"Ann"}}`,
		robot:                                `"by":{"kind":"token","id":"r","name":"` + strings.Repeat("ü", 200) + `"}}`,
		{Kind: grapevine.ByUnknown}:          `"by":{"kind":"unknown"}}`,
		{Kind: grapevine.ByUser, ID: "gone"}: `"by":{"kind":"user","id":"gone"}}`,
	}
	var batch []grapevine.Change
	for by := range want {
		for range 2 {
			c := w.created(len(batch))
			c.By = by
			batch = append(batch, c)
		}
	}
	w.apply(append(batch, w.heartbeat())...)
	require.Len(t, asked, 1, "once for a batch")
	require.ElementsMatch(t, []grapevine.Author{ann, robot, {Kind: grapevine.ByUser, ID: "gone"}}, asked[0], "each once, and only who can have a name")
	bodies := w.bodies()
	for _, c := range batch {
		require.True(t, strings.HasSuffix(bodies[c.Position.String()], want[c.By]), bodies[c.Position.String()])
	}
	w.apply(w.heartbeat())
	require.Len(t, asked, 1, "nobody to ask for")
}

// Names are a convenience: a source of names that hangs delays the frames by its time limit only.
func TestFramesDoNotWaitForNames(t *testing.T) {
	var cause error
	w := newHarness(t, Config{Names: func(ctx context.Context, _ []grapevine.Author) map[grapevine.Author]string {
		<-ctx.Done()
		cause = ctx.Err()
		return nil
	}})
	c := w.created(1)
	c.By = ann
	w.apply(c)
	require.ErrorIs(t, cause, context.DeadlineExceeded)
	require.Contains(t, w.bodies()[c.Position.String()], `"by":{"kind":"user","id":"a"}`)
}

// A room that the contact left learns who moved it.
func TestTheRoomThatIsLeftLearnsWhoMovedTheContact(t *testing.T) {
	before, after := person(1), person(1)
	after.Workspace = "sales"
	c := grapevine.Change{Op: grapevine.Updated, Position: grapevine.NewPosition(5, 1, 0), ID: after.ID, Before: before, After: after, Changed: []string{"workspace"}, Source: grapevine.API, By: ann}
	e, err := newPendingEntry(&c, authorNames{ann: "Ann"})
	require.NoError(t, err)
	for _, body := range []string{e.body, e.leftBody} {
		require.Contains(t, body, `"by":{"kind":"user","id":"a","name":"Ann"}`)
	}
	require.NotContains(t, e.leftBody, "sales")
}
