//go:build fault

package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest/httpclient"
)

// importState is the part of an import that the tests look at.
type importState struct {
	ID                             string
	State, Message                 string
	Read, Created, Unchanged, More int
	Skipped, Notes                 []any
}

func (i *instance) startImport(query, media, file string) (state importState) {
	// The answer waits for the import for 10 s after the file has come.
	client := httpclient.New("http://"+i.addr, time.Minute)
	answer, err := client.Do(context.Background(), http.MethodPost, "/contacts/import"+query, file, "Content-Type", media)
	require.NoError(i.c.t, err)
	require.Contains(i.c.t, []int{200, 202}, answer.Status, string(answer.Body))
	require.NoError(i.c.t, json.Unmarshal(answer.Body, &state))
	return state
}

func (i *instance) importState(id string) (state importState) {
	_, _, answer := i.get("/imports/" + id)
	_ = json.Unmarshal(answer, &state) // it may be an error, while MongoDB has a new primary
	return state
}

// A worker is killed in the middle of an import, or hangs for longer than its claim. Another worker goes on. Each contact
// is there once, nobody is welcomed, and the report counts each row once.
func TestImportIsKilled(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	var file strings.Builder
	file.WriteString("First Name,E-mail,Labels\n")
	for n := range rows {
		fmt.Fprintf(&file, "Person %d,p%d@example.com,imported\n", n, n)
	}
	for _, how := range []string{"kill", "stop"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, number("SEED", 1), plan{instances: 1, env: map[string]string{"ROLES": "api,watcher"}})
			i := c.instances[0]
			c.waitForStreaming(20 * time.Second)
			victim := c.newInstance("ROLES=worker")
			at := "CRASH_AT=import-after-batch"
			if how == "stop" {
				at += ":stop"
			}
			victim.boot(at, fmt.Sprintf("CRASH_SKIP=%d", 3+c.rng.IntN(20)))
			state := i.startImport("", "text/csv", file.String())
			c.eventually(30*time.Second, "the crash point is reached", func() bool { return !victim.running() || victim.stopped() })
			c.startInstance("ROLES=worker")
			took := c.eventually(2*time.Minute, "another worker ends the import", func() bool {
				state = i.importState(state.ID)
				return state.State == "done"
			})
			c.logf("%s: the import ended %s later", how, took.Round(time.Second))
			if how == "stop" {
				victim.thaw()
				c.sleep(3 * time.Second)
			}
			require.Equal(t, []int{rows, rows, 0, 0}, []int{state.Read, state.Created, state.Unchanged, state.More})
			require.EqualValues(t, rows, c.count(grapevine.CollectionContacts, bson.D{{Key: "tags", Value: "imported"}}))
			require.EqualValues(t, rows, c.count(grapevine.CollectionContacts, bson.D{{Key: "_meta.group", Value: state.ID}}))
			require.EqualValues(t, rows, c.count(grapevine.CollectionLedger, bson.D{{Key: "state", Value: "skipped"}, {Key: "note", Value: "imported"}}))
			require.EqualValues(t, rows, c.count(grapevine.CollectionLedger, bson.D{}), "nobody is welcomed")
			c.eventually(30*time.Second, "the file is deleted", func() bool {
				return c.count(grapevine.BucketImportFiles+".chunks", bson.D{}) == 0
			})

			again := i.startImport("", "text/csv", file.String())
			c.eventually(time.Minute, "the second import ends", func() bool { again = i.importState(again.ID); return again.State == "done" })
			require.Equal(t, []int{rows, 0, rows}, []int{again.Read, again.Created, again.Unchanged}, "a file imported twice adds nothing")
		})
	}
}

// A file of 100 MB is imported in bounded memory.
func TestImportOfALargeFile(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1})
	i := c.instances[0]
	c.waitForStreaming(20 * time.Second)
	const rows = 10_000
	var file strings.Builder
	file.WriteString("First Name,E-mail,Notes\n")
	for n := range rows {
		fmt.Fprintf(&file, "Person %d,p%d@example.com,%s\n", n, n, strings.Repeat("note ", 2000))
	}
	require.Greater(t, file.Len(), 100_000_000)
	state := i.startImport("", "text/csv", file.String())
	highest := 0
	c.eventually(2*time.Minute, "the import ends", func() bool {
		highest = max(highest, i.rss())
		state = i.importState(state.ID)
		return state.State == "done"
	})
	require.Equal(t, []int{rows, rows}, []int{state.Read, state.Created})
	c.logf("the instance took at most %d MB", highest>>20)
	require.Less(t, highest, 300<<20)
}
