//go:build fault && upgrade

package fault

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/asyncapi"
	"grapevine/internal/realtest/wsclient"
	"grapevine/jobs"
	"grapevine/ws"
)

// earlierCommit is the last commit whose program has version 1 of the data.
const earlierCommit = "478912bc9ce20d3a847d8efe3ecde1c42c832fde"

// earlierBinary builds the program of version 1 of the data. It needs the history of the repository.
func earlierBinary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("GRAPEVINE_EARLIER_BINARY"); path != "" {
		return path
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	dir := t.TempDir()
	archive := exec.CommandContext(ctx, "git", "archive", earlierCommit)
	archive.Dir = "../.."
	text, err := archive.Output()
	require.NoError(t, err, "the history of the repository has the program of version 1")
	for files := tar.NewReader(bytes.NewReader(text)); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		path := filepath.Join(dir, filepath.FromSlash(header.Name))
		switch header.Typeflag {
		case tar.TypeDir:
			require.NoError(t, os.MkdirAll(path, 0o700))
		case tar.TypeReg:
			content, err := io.ReadAll(files)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, content, 0o600))
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-tags", "fault", "-o", filepath.Join(dir, "earlier"), "./cmd/grapevine")
	build.Dir = dir
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	return filepath.Join(dir, "earlier")
}

// watchUpgrade reads lists and contacts from instances until it is ended. It returns what was wrong in the answers of the program of
// today. The earlier one, whose indexes go, only fills the cache.
func (c *cluster) watchUpgrade(from []*instance, emails map[string]string) (end func() (reads int, wrong []string)) {
	ctx, cancel := context.WithCancel(c.t.Context())
	var mu sync.Mutex
	var reads int
	var wrong []string
	add := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		if len(wrong) < 20 {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	var running sync.WaitGroup
	for n, i := range from {
		running.Go(func() {
			for ctx.Err() == nil {
				for _, path := range []string{"/contacts", "/contacts?sort=-createdAt", "/contacts?sort=company", "/contacts?owner=ann"} {
					status, _, body := i.call(ctx, http.MethodGet, path, "", "Workspace", "one")
					if ctx.Err() == nil && i.program == "" && (status != http.StatusOK || len(pageOf(body).Items) == 0 && !strings.Contains(path, "owner")) {
						add("instance %d answered %s with %d: %.200s", n, path, status, body)
					}
				}
				for id, email := range emails {
					status, _, body := i.call(ctx, http.MethodGet, "/contacts/"+id, "", "Workspace", "one")
					got := contactOf(body)
					if ctx.Err() == nil && i.program == "" && (status != http.StatusOK || got.Email != email || len(got.Emails) != 1) {
						add("instance %d read a contact with %d, e-mail %q of %q: %.200s", n, status, got.Email, email, body)
					}
					mu.Lock()
					reads++
					mu.Unlock()
					if ctx.Err() != nil {
						break
					}
				}
			}
		})
	}
	return func() (int, []string) {
		cancel()
		running.Wait()
		return reads, wrong
	}
}

// waitingTasks leaves tasks of the earlier program in every state in which a task can wait, and returns their ids by queue.
func (c *cluster) waitingTasks(inspector *asynq.Inspector) map[string][]string {
	c.t.Helper()
	ids := map[string][]string{}
	states := map[asynq.TaskState]int{}
	for _, queue := range []string{jobs.WelcomeQueue(database), jobs.LowQueue(database)} {
		for _, list := range []func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error){
			inspector.ListPendingTasks, inspector.ListActiveTasks, inspector.ListScheduledTasks, inspector.ListRetryTasks, inspector.ListArchivedTasks,
		} {
			found, err := list(queue, asynq.PageSize(1000))
			require.NoError(c.t, err)
			for _, task := range found {
				ids[queue] = append(ids[queue], task.ID)
				states[task.State]++
			}
		}
	}
	c.logf("tasks of the earlier program: %v", states)
	require.Len(c.t, states, 5, "tasks wait in every state")
	return ids
}

// The program of version 1 runs beside that of today. It steps aside; no contact, event or task is lost; lists answer throughout; and
// nobody sees a contact without its e-mail.
func TestUpgradeBesideTheProgramBefore(t *testing.T) {
	earlier := earlierBinary(t)
	c := newCluster(t, 1, plan{instances: -1})
	old := []*instance{c.newInstance(), c.newInstance()}
	for _, i := range old {
		i.program = earlier
		i.boot()
	}
	c.waitForStreaming(30 * time.Second)
	ctx := t.Context()
	status, h, _ := old[0].get("/contacts", "Workspace", "one")
	require.Equal(t, http.StatusOK, status)
	since := h.Get("Position") // of a page that is open during the upgrade

	emails, texts := map[string]string{}, map[string]grapevine.Contact{}
	create := func(n int) {
		email := fmt.Sprintf("a%d@example.org", n)
		if n%3 == 0 {
			id := bson.NewObjectID()
			_, err := c.db.Collection(grapevine.CollectionContacts).InsertOne(ctx, bson.D{
				{Key: "_id", Value: id},
				{Key: "workspace", Value: "one"},
				{Key: "kind", Value: "person"},
				{Key: "firstName", Value: "Eve"},
				{Key: "email", Value: email},
				{Key: "phone", Value: "+44 20"},
				{Key: "pet", Value: "cat"},
			})
			require.NoError(t, err)
			emails[id.Hex()] = email
			return
		}
		body := fmt.Sprintf(`{"firstName":"Ada","lastName":"Nr%03d","email":%q,"phone":"+44 %d","owner":"ann","company":"Engines","tags":["vip"],"addresses":[{"city":"London"}]}`, n, email, n)
		status, _, answer := old[n%2].call(ctx, http.MethodPost, "/contacts", body, "Content-Type", "application/json", "Workspace", "one")
		require.Equal(t, http.StatusCreated, status, "%s", answer)
		emails[contactOf(answer).ID] = email
	}
	for n := range 200 {
		create(n)
	}
	c.eventually(30*time.Second, "the first welcomes are sent", func() bool { return c.tasks()["completed"] > 100 })
	accept := c.mail.refuse() // so that tasks wait for another try
	for n := 200; n < 220; n++ {
		create(n)
	}
	c.eventually(30*time.Second, "messages are tried again later", func() bool { return c.tasks()["retry"] > 10 })
	later, err := c.rdb.ZRange(ctx, asynqKey("retry"), 0, -1).Result()
	require.NoError(t, err)
	for _, id := range later {
		require.NoError(t, c.rdb.ZAddXX(ctx, asynqKey("retry"), redis.Z{Member: id, Score: float64(time.Now().Add(40 * time.Second).Unix())}).Err())
	}
	accept()
	release := c.mail.hold() // so that tasks are active and pending during the upgrade
	for n := 220; n < 320; n++ {
		create(n)
	}
	c.eventually(30*time.Second, "tasks wait", func() bool { tasks := c.tasks(); return tasks["pending"] > 0 && tasks["active"] > 0 })
	inspector := asynq.NewInspectorFromRedisClient(c.rdb)
	pending, err := inspector.ListPendingTasks(jobs.WelcomeQueue(database), asynq.PageSize(5))
	require.NoError(t, err)
	for _, task := range pending { // as a person does
		require.NoError(t, inspector.ArchiveTask(task.Queue, task.ID))
	}
	waiting := c.waitingTasks(inspector)
	for id := range emails {
		status, _, body := old[0].get("/contacts/"+id, "Workspace", "one")
		require.Equal(t, http.StatusOK, status)
		texts[id] = contactOf(body)
	}

	today := []*instance{c.startInstance(), c.startInstance()}
	end := c.watchUpgrade(append(today, old[1]), emails)
	socket, _, err := wsclient.Dial(ctx, "ws://"+today[0].addr+"/ws/contacts")
	require.NoError(t, err)
	require.NoError(t, socket.Join("workspace:one", since))
	for n, i := range old {
		c.eventually(20*time.Second, "the earlier program steps aside", func() bool {
			status, _ := i.ready()
			write, _, _ := i.call(ctx, http.MethodPost, "/contacts", `{"firstName":"late"}`, "Content-Type", "application/json", "Workspace", "late")
			return status == http.StatusServiceUnavailable && write == http.StatusServiceUnavailable
		})
		c.logf("instance %d refuses writes", n)
	}
	c.waitForStreaming(30 * time.Second)
	old[0].Kill()
	c.waitForMigration(60 * time.Second)
	release()
	archived, err := inspector.RunAllArchivedTasks(jobs.WelcomeQueue(database)) // as a person does
	require.NoError(t, err)
	require.GreaterOrEqual(t, archived, len(pending))
	c.eventually(60*time.Second, "every contact is welcomed", func() bool {
		n, err := c.db.Collection(grapevine.CollectionLedger).CountDocuments(ctx, bson.D{{Key: "state", Value: "done"}})
		tasks := c.tasks()
		return err == nil && int(n) >= len(emails) && tasks["pending"]+tasks["active"]+tasks["retry"] == 0
	})
	c.eventually(90*time.Second, "every task of the earlier program is done", func() bool {
		for queue, ids := range waiting {
			for _, id := range ids {
				if task, err := inspector.GetTaskInfo(queue, id); err != nil || task.State != asynq.TaskStateCompleted {
					return false
				}
			}
		}
		return true
	})
	reads, wrong := end()
	require.Empty(t, wrong)
	c.logf("%d contacts were read meanwhile", reads)
	require.Empty(t, c.unformed())
	require.Empty(t, c.gaps(), "an upgrade is not a gap")

	// The socket of a page that joined with a position of the earlier program got each contact, in the shape of today.
	doc, created := asyncapi.Load(t, ws.AsyncAPI), map[string]int{}
	c.eventually(30*time.Second, "every event has arrived", func() bool {
		for {
			f, err := socket.Read(time.Second)
			if err != nil {
				return len(created) >= len(emails)
			}
			doc.Match(t, []byte(f.Text))
			if f.Event == "contact:created" {
				created[f.ContactID()]++
			}
			require.NotEqual(t, "resync", f.Event, "the event log goes on")
		}
	})
	for id := range emails {
		require.Equal(t, 1, created[id], "%s was created once", id)
	}
	for id, before := range texts {
		status, _, body := today[1].get("/contacts/"+id, "Workspace", "one")
		require.Equal(t, http.StatusOK, status)
		var after grapevine.Contact
		require.NoError(t, json.Unmarshal(body, &after))
		require.Len(t, after.Emails, 1)
		require.Len(t, after.Phones, 1)
		require.Equal(t, []string{before.FullName, before.Email, before.Phone, before.Owner, before.Company, strings.Join(before.Tags, " "), fmt.Sprint(before.Addresses)},
			[]string{after.FullName, after.Email, after.Phone, after.Owner, after.Company, strings.Join(after.Tags, " "), fmt.Sprint(after.Addresses)})
	}
	_, met, err := today[0].walkList("one", "sort=name")
	require.NoError(t, err)
	for id := range emails {
		require.Equal(t, 1, met[id], id)
	}
	require.Len(t, met, len(emails))
	status, _, body := today[0].get("/contacts?q=ada&limit=1", "Workspace", "one")
	require.Equal(t, http.StatusOK, status)
	require.Len(t, pageOf(body).Items, 1)
	for key, n := range c.mail.counts() {
		require.LessOrEqual(t, n, 2, "a message is repeated only where its worker ended: %s", key)
	}
}
