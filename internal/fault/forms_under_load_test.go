//go:build fault

package fault

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// walkList reads a list to its end. It returns the names in the order of the list, and how often the list has each contact.
func (i *instance) walkList(workspace, query string) (names []string, met map[string]int, err error) {
	met = map[string]int{}
	for after := ""; ; {
		path := "/contacts?limit=200&" + query
		if after != "" {
			path += "&after=" + url.QueryEscape(after)
		}
		status, _, body := i.get(path, "Workspace", workspace)
		if status != http.StatusOK {
			return nil, nil, fmt.Errorf("%s was answered with %d: %.200s", path, status, body)
		}
		page := pageOf(body)
		for _, item := range page.Items {
			names = append(names, item.LastName)
			met[item.ID]++
		}
		if page.Next == nil {
			return names, met, nil
		}
		after = *page.Next
	}
}

// Scripts insert FORMED contacts (4,000) while the API is under load. Lists are walked meanwhile: each contact that was formed before
// is met once. In the end all are formed, and each list has them in order.
func TestInsertsAreFormedUnderLoad(t *testing.T) {
	t.Parallel()
	const before, batch = 500, 500
	inserted := int(number("FORMED", 4000))
	c := newCluster(t, number("SEED", 1), plan{})
	insert := func(from, to int) (ids []string) {
		for ; from < to; from += batch {
			var contacts, effects []any
			for n := from; n < min(to, from+batch); n++ {
				id := bson.NewObjectID()
				ids = append(ids, id.Hex())
				// Neighbours in the list are inserted far from each other.
				contacts = append(contacts, bson.D{
					{Key: "_id", Value: id},
					{Key: "workspace", Value: "many"},
					{Key: "kind", Value: "person"},
					{Key: "firstName", Value: "Ada"},
					{Key: "lastName", Value: fmt.Sprintf("Nr%07d", n*7919%1_000_003)},
				})
				effects = append(effects, bson.D{{Key: "_id", Value: id}, {Key: "state", Value: "done"}}) // nobody is welcomed
			}
			_, err := c.db.Collection(grapevine.CollectionLedger).InsertMany(t.Context(), effects)
			require.NoError(t, err)
			_, err = c.db.Collection(grapevine.CollectionContacts).InsertMany(t.Context(), contacts)
			require.NoError(t, err)
		}
		return ids
	}
	known := insert(0, before)
	c.waitForForms()

	l := c.startLoad()
	l.waitForWrites(50)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var walks sync.WaitGroup
	walked := make([]int, len(c.instances))
	for n, query := range []string{"sort=name", "sort=-createdAt"} {
		walks.Go(func() {
			for ; ctx.Err() == nil; walked[n]++ {
				_, met, err := c.instances[n].walkList("many", query)
				if err != nil {
					l.problem("a walk failed: %v", err)
					continue
				}
				for _, id := range known {
					if met[id] != 1 {
						l.problem("a walk by %s met %s %d times", query, id, met[id])
					}
				}
			}
		})
	}
	began := time.Now()
	all := slices.Concat(known, insert(before, before+inserted))
	c.eventually(time.Minute+time.Duration(inserted)*time.Second/100, "all are formed", func() bool {
		n, err := c.db.Collection(grapevine.CollectionContacts).CountDocuments(ctx, bson.D{{Key: "workspace", Value: "many"}, {Key: "_form.of", Value: nil}})
		return err == nil && n == 0
	})
	c.logf("%d inserts were formed within %s; %d walks", inserted, time.Since(began).Round(time.Millisecond), walked)
	end()
	walks.Wait()
	for _, n := range walked {
		require.Positive(t, n)
	}
	l.endAndCheck(allowances{drainTime: time.Minute + time.Duration(inserted)*time.Second/100})
	for _, query := range []string{"sort=name", "sort=-name", "kind=person", "q=ada"} {
		names, met, err := c.instances[0].walkList("many", query)
		require.NoError(t, err)
		require.Len(t, met, len(all), query)
		require.Len(t, names, len(all), "%s has each contact once", query)
		if query == "sort=-name" {
			slices.Reverse(names)
		}
		require.True(t, slices.IsSorted(names), query)
	}
	require.Empty(t, c.gaps())
}
