package events

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/redisx"
)

func TestMain(m *testing.M) { realtest.Main(m) }

const soon = 10 * time.Second

// harness is the Redis of one test, with an event log in it.
type harness struct {
	t       *testing.T
	rdb     *redis.Client
	log     *Log
	reader  *LogReader
	signals *Signals
	fence   *grapevine.Fence // of the next batch; apply moves Applied
	next    uint32           // increment of the next position
}

func newHarness(t *testing.T, cfg Config) *harness {
	t.Helper()
	rdb := realtest.New(t).Redis(t)
	follow := redis.NewClient(redisx.ForFollower(rdb.Options()))
	t.Cleanup(func() { follow.Close() })
	return &harness{
		t: t, rdb: rdb, log: New(rdb, cfg), reader: NewLogReader(follow, cfg.Prefix), signals: NewSignals(rdb, cfg.Prefix),
		fence: &grapevine.Fence{}, next: 1,
	}
}

const testSecond = 1_790_000_000

func (w *harness) position() grapevine.Position {
	p := grapevine.NewPosition(testSecond, w.next, 0)
	w.next++
	return p
}

func (w *harness) apply(changes ...grapevine.Change) {
	w.t.Helper()
	require.NoError(w.t, w.log.Apply(w.t.Context(), w.batch(changes)))
	if len(changes) > 0 {
		w.fence.Applied = changes[len(changes)-1].Position
	}
}

// batch is the batch that the watcher would make of the changes.
func (w *harness) batch(changes []grapevine.Change) grapevine.Batch {
	return grapevine.Batch{Changes: changes, Fence: *w.fence}
}

// created is the creation of the n-th contact, at the next position.
func (w *harness) created(n int) grapevine.Change {
	c := person(n)
	return grapevine.Change{
		Op: grapevine.Created, Position: w.position(), At: time.Unix(testSecond, 123_000_000), ID: c.ID, After: c,
		Source: grapevine.API,
	}
}

func (w *harness) heartbeat() grapevine.Change {
	return grapevine.Change{Op: grapevine.Heartbeat, Position: w.position()}
}

func person(n int) *grapevine.Contact {
	return &grapevine.Contact{
		ID: fmt.Sprintf("%024x", n), Workspace: "default", Kind: grapevine.Person,
		FirstName: "Ada", LastName: fmt.Sprint("Nr ", n), FullName: fmt.Sprint("Ada Nr ", n),
		Emails: []grapevine.Entry{}, Phones: []grapevine.Entry{}, URLs: []grapevine.Entry{}, Addresses: []grapevine.Address{},
		Dates: []grapevine.Entry{}, Related: []grapevine.Entry{}, Custom: []grapevine.Entry{}, Tags: []string{},
		CreatedAt: grapevine.Time{Time: time.Unix(testSecond, 0)}, UpdatedAt: grapevine.Time{Time: time.Unix(testSecond, 0)},
	}
}
