package jobs

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/jobs/asynqx"
	"grapevine/ledger"
)

// lockedBuffer is a log that a test reads while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(strings.Lines(l.b.String()))
}

// Redis answers every request for a task with an error. The worker pauses between its requests, logs that once, says
// so, and continues when Redis is mended.
func TestWorkerPausesWhileRedisRefuses(t *testing.T) {
	admin := ownRedis(t)
	ctx := t.Context()
	require.NoError(t, admin.Do(ctx, "ACL", "SETUSER", "worker", "on", ">secret", "~*", "&*", "+@all").Err())
	opt := *admin.Options()
	opt.Username, opt.Password = "worker", "secret"
	rdb := redis.NewClient(&opt)
	t.Cleanup(func() { _ = rdb.Close() })
	r := &rig{rdb: rdb, db: realtest.New(t).DB(t)}
	r.ledger = ledger.New(r.db)
	r.queue = newQueue(t, rdb, QueueConfig{})
	require.NoError(t, r.queue.register(ctx))
	var outgoing outbox
	var log lockedBuffer
	cfg := r.workerConfig(&outgoing)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w := r.start(t, cfg)
	folder := admin.ConfigGet(ctx, "dir").Val()["dir"]
	do := func(args ...any) { t.Helper(); require.NoError(t, admin.Do(ctx, args...).Err()) }
	pending := asynqx.QueueKey(r.queue.names.welcome, "pending")
	for _, c := range []struct {
		answer       string
		refuse, mend func()
	}{
		{"NOPERM", func() { do("ACL", "SETUSER", "worker", "resetkeys", "~grapevine:*") }, func() { do("ACL", "SETUSER", "worker", "~*") }},
		{"OOM", func() { do("CONFIG", "SET", "maxmemory", "1") }, func() { do("CONFIG", "SET", "maxmemory", "0") }},
		{"READONLY", func() { do("REPLICAOF", "127.0.0.1", "1") }, func() { do("REPLICAOF", "NO", "ONE") }},
		{"WRONGTYPE", func() { do("SET", pending, "x") }, func() { do("DEL", pending) }},
		{"MISCONF", func() {
			require.NoError(t, os.MkdirAll(filepath.Join(folder, "dump.rdb", "full"), 0o700)) // the snapshot cannot be saved
			do("CONFIG", "SET", "save", "1 1")
			do("SET", "grapevine:x", "1")
			_ = admin.BgSave(ctx).Err()
		}, func() { do("CONFIG", "SET", "save", "") }},
	} {
		t.Run(c.answer, func(t *testing.T) {
			before := len(log.lines())
			c.refuse()
			require.Eventually(t, func() bool { err := w.Trouble(); return err != nil && strings.Contains(err.Error(), c.answer) },
				20*time.Second, 10*time.Millisecond)
			busy, calls := cpuTime(t), scriptCalls(t, admin)
			began := time.Now()
			require.Eventually(t, func() bool { return time.Since(began) > 2*time.Second }, 10*time.Second, 50*time.Millisecond)
			took := time.Since(began)
			share, rate := float64(cpuTime(t)-busy)/float64(took), float64(scriptCalls(t, admin)-calls)/took.Seconds()
			t.Logf("%.1f %% of a core, %.1f scripts a second", share*100, rate)
			require.Less(t, rate, 40.0, "with a request for a task at most every 50 ms, and what Asynq does besides")
			c.mend()
			id := bson.NewObjectID()
			require.NoError(t, r.queue.Apply(ctx, grapevine.Batch{Changes: []grapevine.Change{created(id, now())}}))
			require.Eventually(t, func() bool { return r.effect(t, id).State == ledger.Done }, 20*time.Second, 10*time.Millisecond)
			require.Eventually(t, func() bool { return w.Trouble() == nil }, 20*time.Second, 10*time.Millisecond)
			var loud []string
			for _, line := range log.lines()[before:] {
				if strings.Contains(line, "the worker") { // Asynq's own lines and those of jobs may come too
					loud = append(loud, line)
				}
			}
			require.Len(t, loud, 2, "%s", strings.Join(loud, "\n"))
			require.Contains(t, loud[0], "cannot take jobs")
			require.Contains(t, loud[0], c.answer)
			require.Contains(t, loud[1], "takes jobs again")
		})
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// cpuTime is what this process has used.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// scriptCalls is how often Redis was asked to run a script.
func scriptCalls(t *testing.T, rdb *redis.Client) (n int) {
	t.Helper()
	stats, err := rdb.InfoMap(t.Context(), "commandstats").Result()
	require.NoError(t, err)
	for _, name := range []string{"cmdstat_evalsha", "cmdstat_eval"} {
		for _, field := range strings.Split(stats["Commandstats"][name], ",") {
			if value, ok := strings.CutPrefix(field, "calls="); ok {
				n += atoi(t, value)
			}
		}
	}
	return n
}
