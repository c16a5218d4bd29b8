package app

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/realtest/wsclient"
)

// On a database that never had a pipeline, contacts of before are marked and get no mail. What is created as soon as
// an instance takes writes has its event and its welcome, whichever role starts first.
func TestFirstStartLosesNothing(t *testing.T) {
	const made = 120
	all := roles(roleAPI, roleWatcher, roleWorker)
	for name, order := range map[string][]func(*Config){
		"all at once":               {all},
		"two instances":             {all, all},
		"the API, then the watcher": {roles(roleAPI), roles(roleWorker), roles(roleWatcher)},
		"the watcher, then the API": {roles(roleWatcher), roles(roleAPI), roles(roleWorker)},
		"the worker first":          {roles(roleWorker), roles(roleAPI), roles(roleWatcher)},
	} {
		t.Run(name, func(t *testing.T) {
			env := realtest.New(t)
			earlier := 1000 // in one chunk
			if len(order) == 2 {
				earlier = 12_000 // in two
			}
			insertPeople(t, env.DB(t), earlier)
			var api *instance
			var since string
			ids := map[string]bool{}
			for _, change := range order {
				i := launch(t, env, change)
				if !i.has(roleAPI) {
					continue
				}
				api = i
				eventually(t, "writes are taken", func() bool { return i.gate.Ask(true) == nil })
				eventually(t, "lists are answered", func() bool {
					list := i.get("/contacts?limit=1")
					since = cmp.Or(since, list.Header.Get("Position"))
					return list.Status == http.StatusOK
				})
				for len(ids) < made {
					answer := i.post("Ada")
					require.Equal(t, http.StatusCreated, answer.Status)
					ids[answer.JSON(t)["id"].(string)] = true
					if len(ids) == made/2 {
						break // the next instance makes the rest
					}
				}
			}
			for len(ids) < made {
				ids[api.post("Ada").JSON(t)["id"].(string)] = true
			}
			require.True(t, api.WaitLive(t.Context()))
			s := api.dial("/ws/contacts")
			require.True(t, s.Join("workspace:default", since).IsRecovered())
			for range made {
				event := s.Next(func(f wsclient.Frame) bool { return f.Event != "contact:updated" }) // the earlier contacts are formed
				require.Equal(t, "contact:created", event.Event)
				require.True(t, ids[event.ContactID()])
			}
			eventually(t, "each has had its welcome", func() bool { return countRows(t, api.db, "done") == made })
			rows, err := api.db.Collection("effects").CountDocuments(t.Context(), bson.D{{Key: "state", Value: "done"}, {Key: "attempt", Value: 1}})
			require.NoError(t, err)
			require.EqualValues(t, made, rows, "once")
			require.EqualValues(t, earlier, countRows(t, api.db, "preexisting"))
			gaps, err := api.db.Collection("gaps").CountDocuments(t.Context(), bson.D{})
			require.NoError(t, err)
			require.Zero(t, gaps, "nothing had to be repaired")
		})
	}
}

// No instance takes a write while the contacts are marked. Reads are answered, and /readyz says how far it is.
func TestNoWriteBeforeTheFirstStartIsOver(t *testing.T) {
	env := realtest.New(t)
	insertPeople(t, env.DB(t), 5)
	stuck := bson.D{{Key: "_id", Value: "start"}, {Key: "state", Value: "marking"}, {Key: "scanned", Value: "not an id"}, {Key: "seen", Value: 2}}
	control := env.DB(t).Collection("control")
	_, err := control.InsertOne(t.Context(), stuck)
	require.NoError(t, err)

	i := launch(t, env)
	eventually(t, "/readyz says how far it is", func() bool {
		part := i.ready(t.Context()).Parts["start"]
		return part.State == "starting" && strings.Contains(part.Message, "2 of about 5 contacts")
	})
	require.Equal(t, http.StatusServiceUnavailable, i.get("/readyz").Status)
	eventually(t, "reads are answered", func() bool { return i.get("/contacts").Status == http.StatusOK })
	refused := i.post("Ada")
	require.Equal(t, http.StatusServiceUnavailable, refused.Status)
	require.Contains(t, string(refused.Body), "2 of about 5 contacts")
	require.NotEmpty(t, refused.Header.Get("Retry-After"))

	_, err = control.UpdateByID(t.Context(), "start", bson.D{{Key: "$set", Value: bson.D{{Key: "scanned", Value: ""}}}})
	require.NoError(t, err)
	require.True(t, i.WaitLive(t.Context()))
	require.Equal(t, http.StatusCreated, i.post("Ada").Status)
	require.EqualValues(t, 5, countRows(t, i.db, "preexisting"))
}

func (i *instance) post(name string) httpclient.Answer {
	i.t.Helper()
	return i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": name, "email": "ada@example.com"})
}

func insertPeople(t *testing.T, db *mongo.Database, n int) {
	t.Helper()
	people := make([]any, n)
	for i := range people {
		people[i] = person(fmt.Sprint("earlier", i))
	}
	_, err := db.Collection("contacts").InsertMany(t.Context(), people)
	require.NoError(t, err)
}

func countRows(t *testing.T, db *mongo.Database, state string) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	n, err := db.Collection("effects").CountDocuments(ctx, bson.D{{Key: "state", Value: state}})
	require.NoError(t, err)
	return n
}
