package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

// world knows what MongoDB holds and what the watcher has applied. A contact's value is the number of its last
// change.
type world struct {
	mu      sync.Mutex
	changes []grapevine.Change // changes[i] is at position i+1
	last    []int              // by contact: its last change, from 1; 0 if there is none
	all     [][]int            // by contact: its changes, ascending
	applied []atomic.Int64     // by contact: the last change whose Apply has returned
}

func newWorld(contacts int) *world {
	return &world{last: make([]int, contacts), all: make([][]int, contacts), applied: make([]atomic.Int64, contacts)}
}

func (w *world) write(contact int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.changes) + 1
	w.changes = append(w.changes, updated(strconv.Itoa(contact), "w", at(uint64(n))))
	w.last[contact] = n
	w.all[contact] = append(w.all[contact], n)
}

// read is any read that is causally after the position: it returns one of the states from then on.
func (w *world) read(contact int, after grapevine.Position, rng *rand.Rand) int {
	floor := 0
	if !after.IsZero() {
		floor = int(after.Time - at(0).Time)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	possible := []int{0}
	for _, n := range w.all[contact] {
		if n <= floor {
			possible[0] = n
		} else {
			possible = append(possible, n)
		}
	}
	return possible[rng.IntN(len(possible))]
}

func pause(rng *rand.Rand) {
	for range rng.IntN(30) {
		runtime.Gosched()
	}
}

// A writer, a watcher that also replays and purges, and readers of two instances run in the interleavings of many
// seeds. No reader may get a value from before the changes that were applied before its read.
func TestNoReaderSeesAnInvalidatedValue(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			testNoStaleRead(t, seed)
		})
	}
}

func testNoStaleRead(t *testing.T, seed uint64) {
	t.Helper()
	const contacts, writes, readers = 5, 400, 6
	env := realtest.New(t)
	w := newWorld(contacts)
	caches := []*cache.Cache{open(t, env.RedisURL, cache.Config{}), open(t, env.RedisURL, cache.Config{})}
	source := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }
	var stop atomic.Bool
	var all sync.WaitGroup

	all.Go(func() { // the watcher
		defer stop.Store(true)
		rng := source(1)
		for done := 0; done < writes; {
			w.mu.Lock()
			batch := w.changes[max(0, done-rng.IntN(3)):min(len(w.changes), done+1+rng.IntN(8))]
			w.mu.Unlock()
			if rng.IntN(20) == 0 && len(batch) > 0 {
				purge := grapevine.Change{Op: grapevine.Resync, Position: batch[len(batch)-1].Position}
				batch = append(append([]grapevine.Change{}, batch...), purge)
			}
			if err := caches[rng.IntN(2)].Apply(context.Background(), grapevine.Batch{Changes: batch}); err != nil {
				continue // apply the same batch again
			}
			for _, change := range batch {
				if change.Op == grapevine.Updated {
					contact, _ := strconv.Atoi(change.ID)
					n := int64(change.Position.Time - at(0).Time)
					w.applied[contact].Store(max(w.applied[contact].Load(), n))
					done = max(done, int(n))
				}
			}
			pause(rng)
		}
	})
	all.Go(func() { // the writer
		rng := source(2)
		for range writes {
			w.write(rng.IntN(contacts))
			pause(rng)
		}
	})
	for reader := range readers {
		all.Go(func() {
			rng := source(uint64(10 + reader))
			for !stop.Load() {
				contact := rng.IntN(contacts)
				minimum := w.applied[contact].Load()
				loadSeed := rng.Uint64()
				value, status, err := caches[rng.IntN(2)].Fetch(context.Background(), "contact:"+strconv.Itoa(contact), "x",
					func(_ context.Context, after grapevine.Position) ([]byte, error) {
						rng := rand.New(rand.NewPCG(seed, loadSeed))
						pause(rng)
						n := w.read(contact, after, rng)
						pause(rng)
						return strconv.AppendInt(nil, int64(n), 10), nil
					})
				got, _ := strconv.ParseInt(string(value), 10, 64)
				if status == grapevine.CacheBypass {
					continue // it asks for no position, so the model may return any state
				}
				if err != nil || got < minimum {
					t.Errorf("contact %d: change %d was applied, then a reader got %d (%s, %v)", contact, minimum, got, status, err)
					return
				}
			}
		})
	}
	all.Wait()

	for contact := range contacts {
		for _, c := range caches {
			var value []byte
			require.Eventually(t, func() bool { // on a busy machine a read of Redis may time out
				got, status, err := c.Fetch(context.Background(), "contact:"+strconv.Itoa(contact), "x",
					func(_ context.Context, after grapevine.Position) ([]byte, error) {
						return strconv.AppendInt(nil, int64(w.read(contact, after, source(3))), 10), nil
					})
				value = got
				return err == nil && status != grapevine.CacheBypass
			}, 10*time.Second, time.Millisecond)
			require.Equal(t, strconv.Itoa(w.last[contact]), string(value))
		}
	}
	sum := caches[0].Stats()
	require.NotZero(t, sum.Hits)
	require.NotZero(t, sum.Misses)
	require.Zero(t, sum.RolledBack, "a reordered reply was mistaken for a rollback")
}
