package app

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/realtest"
	"grapevine/watcher"
)

// BenchmarkDrain writes 100,000 contacts into MongoDB while the watcher is paused. It measures the time from
// the first batch until all effects and the checkpoint are past them. For comparison it reads the same
// events from a plain change stream, which is the lower bound.
func BenchmarkDrain(b *testing.B) {
	const n = 100_000
	for name, write := range map[string]func(context.Context, *mongo.Collection) error{
		"inserts": func(ctx context.Context, c *mongo.Collection) error { return insertMany(ctx, c, n) },
		"updates": func(ctx context.Context, c *mongo.Collection) error {
			_, err := c.UpdateMany(ctx, bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: fmt.Sprint(time.Now())}}}})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			env := realtest.New(b)
			only := func(c *Config) { c.Roles = []string{roleWatcher} }
			i := start(b, env, only)
			ctx := context.Background()
			contacts := i.db.Collection("contacts")
			if name == "updates" {
				require.NoError(b, insertMany(ctx, contacts, n))
				waitCaughtUp(b, i)
			}
			for b.Loop() {
				b.StopTimer()
				runCommand(b, i, "pause")
				from, paused := clusterTime(b, i.db), i.watcher.Applied()
				require.NoError(b, write(ctx, contacts))
				runCommand(b, i, "resume")
				for i.watcher.Applied() == paused {
					time.Sleep(time.Millisecond)
				}
				b.StartTimer()
				began := time.Now()
				waitCaughtUp(b, i)
				took := time.Since(began)
				b.StopTimer()
				floor := bareStream(b, i.db, from, n)
				b.ReportMetric(n/took.Seconds(), "changes/s")
				b.ReportMetric(n/floor.Seconds(), "floor/s")
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.Sys)/(1<<20), "MB")
				b.StartTimer()
			}
		})
	}
}

// runCommand pauses or resumes the watcher and waits for the new state.
func runCommand(b *testing.B, i *instance, name string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := watcher.Submit(ctx, i.db, watcher.Command{Name: name, RequestedBy: "benchmark"})
	require.NoError(b, err)
	want := map[string]watcher.State{"pause": watcher.Paused, "resume": watcher.Streaming}[name]
	eventually(b, name, func() bool {
		status, err := i.watcher.Status(ctx)
		return err == nil && status.State == want
	})
}

func insertMany(ctx context.Context, c *mongo.Collection, n int) error {
	for from := 0; from < n; from += 10_000 {
		docs := make([]any, 10_000)
		for k := range docs {
			docs[k] = append(person(fmt.Sprint("first", from+k)), bson.E{Key: "lastName", Value: fmt.Sprint("last", k)},
				bson.E{Key: "email", Value: fmt.Sprint("p", k, "@example.com")}, bson.E{Key: "company", Value: fmt.Sprint("company", k%100)},
				bson.E{Key: "tags", Value: bson.A{"a", "b"}})
		}
		if _, err := c.InsertMany(ctx, docs); err != nil {
			return err
		}
	}
	return nil
}

func clusterTime(b *testing.B, db *mongo.Database) bson.Timestamp {
	b.Helper()
	raw, err := db.RunCommand(context.Background(), bson.D{{Key: "ping", Value: 1}}).Raw()
	require.NoError(b, err)
	t, i, _ := raw.Lookup("operationTime").TimestampOK()
	return bson.Timestamp{T: t, I: i + 1}
}

// waitCaughtUp waits until the checkpoint is past everything that MongoDB had at the call.
func waitCaughtUp(b *testing.B, i *instance) {
	b.Helper()
	target := clusterTime(b, i.db)
	for at := i.watcher.Applied(); at.T() < target.T || at.T() == target.T && at.I()+1 < target.I; at = i.watcher.Applied() {
		time.Sleep(time.Millisecond)
	}
}

func bareStream(b *testing.B, db *mongo.Database, from bson.Timestamp, n int) time.Duration {
	b.Helper()
	ctx := context.Background()
	began := time.Now()
	cs, err := db.Collection("contacts").Watch(ctx, mongo.Pipeline{}, options.ChangeStream().SetBatchSize(1000).SetStartAtOperationTime(&from).
		SetFullDocument(options.WhenAvailable).SetFullDocumentBeforeChange(options.WhenAvailable))
	require.NoError(b, err)
	defer cs.Close(ctx)
	for range n {
		require.True(b, cs.Next(ctx))
	}
	return time.Since(began)
}

// BenchmarkInsertToFrame measures the time from the acknowledgement of a direct insert (w:majority) to its
// frame on a socket, one insert at a time.
func BenchmarkInsertToFrame(b *testing.B) {
	i := start(b, realtest.New(b))
	s := i.dial("/ws/contacts")
	s.Join("workspace:default", "")
	ctx := context.Background()
	var waits []time.Duration
	for b.Loop() {
		_, err := i.db.Collection("contacts").InsertOne(ctx, person("Ada"))
		require.NoError(b, err)
		acknowledged := time.Now()
		s.Event()
		waits = append(waits, time.Since(acknowledged))
	}
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "ms-p99")
}
