//go:build fault

package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/time/rate"

	"grapevine"
)

var (
	workspaces = []string{"one", "two"}
	owners     = []string{"ann", "ben", "cho"}
)

const (
	writers   = 6
	readers   = 2
	perSecond = 250 // writes, of all writers together

	// staleAfter is the maximal age of a cached answer: MAX_STALENESS (5 s), which is good to about a
	// second, and 2 s for the delays of a busy machine.
	staleAfter = 8 * time.Second
)

// load is seeded writers, readers and clients of a cluster, and the results that they expect.
type load struct {
	c       *cluster
	number  int // of this test's loads
	clients []*client

	stop    context.CancelFunc
	running sync.WaitGroup
	limit   *rate.Limiter

	mu       sync.Mutex
	expected map[string]*expectation // by contact id
	acked    int
	changed  chan struct{} // closed at the next acknowledgement
	problems []string      // broken promises that were noticed under load
}

// expectation is the state that a contact must have. Each contact has one writer, so its writes are ordered.
type expectation struct {
	state
	attempt  *state               // a write without an acknowledgement, which may have happened
	replaced map[string]time.Time // earlier notes, and when their replacement was acknowledged
	moved    bool                 // it has been in more than one workspace
}

// uncertain reports whether the contact's create was never acknowledged.
func (e *expectation) uncertain() bool { return e.attempt != nil && e.notes == "" }

// state is the part of a contact that the oracle compares.
type state struct {
	workspace, owner, notes, email string
	gone                           bool
}

// startLoad puts the cluster under load until endAndCheck or the end of the test.
func (c *cluster) startLoad() *load {
	ctx, stop := context.WithCancel(c.t.Context())
	c.loads++
	l := &load{
		c: c, number: c.loads, stop: stop, expected: map[string]*expectation{}, changed: make(chan struct{}),
		limit: rate.NewLimiter(perSecond, writers),
	}
	for n, workspace := range workspaces {
		l.clients = append(l.clients, c.newClient(workspace, uint64(n)))
	}
	for n := range writers {
		w := &writer{load: l, n: n, rng: rand.New(rand.NewPCG(c.seed, uint64(100+n)))}
		l.running.Go(func() { w.run(ctx) })
	}
	for n := range readers {
		rng := rand.New(rand.NewPCG(c.seed, uint64(200+n)))
		l.running.Go(func() { l.read(ctx, rng) })
	}
	c.t.Cleanup(l.end)
	return l
}

// end stops the writers and readers. The clients continue.
func (l *load) end() {
	l.stop()
	l.running.Wait()
}

// waitForWrites waits until n more writes are acknowledged, so that a fault happens in the middle of work.
func (l *load) waitForWrites(n int) {
	l.c.t.Helper()
	l.mu.Lock()
	until := l.acked + n
	l.mu.Unlock()
	bound := time.After(60 * time.Second)
	for {
		l.mu.Lock()
		enough, changed := l.acked >= until, l.changed
		l.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-changed:
		case <-bound:
			l.c.t.Fatalf("%d more writes were not acknowledged within a minute", n)
		}
	}
}

func (l *load) problem(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.problems) < 20 {
		l.problems = append(l.problems, fmt.Sprintf("%6.1fs ", time.Since(l.c.start).Seconds())+fmt.Sprintf(format, args...))
	}
}

// attempting records a write before it is sent.
func (l *load) attempting(id string, next state) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.expected[id]
	if f == nil {
		f = &expectation{state: state{gone: true}, replaced: map[string]time.Time{}}
		l.expected[id] = f
	}
	f.attempt = &next
}

// acknowledged records that the attempted write has happened.
func (l *load) acknowledged(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.expected[id]
	if f.notes != "" && (f.notes != f.attempt.notes || f.attempt.gone) {
		f.replaced[f.notes] = time.Now()
	}
	f.moved = f.moved || f.workspace != "" && f.workspace != f.attempt.workspace
	f.state, f.attempt = *f.attempt, nil
	l.acked++
	close(l.changed)
	l.changed = make(chan struct{})
}

// randomContact returns a contact that should exist.
func (l *load) randomContact(rng *rand.Rand) (id string, s state, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, f := range l.expected { // the order is random, but not by the seed
		if !f.gone && rng.IntN(4) == 0 {
			return id, f.state, true
		}
	}
	return "", state{}, false
}

// settledContact returns a contact that exists and has no write whose answer is missing, and its workspace.
func (l *load) settledContact() (id, workspace string) {
	l.c.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, f := range l.expected {
		if !f.gone && f.attempt == nil {
			return id, f.workspace
		}
	}
	require.Fail(l.c.t, "no contact is settled")
	return "", ""
}

// stale reports whether the contact no longer has these notes, and since when.
func (l *load) stale(id, notes string) (since time.Time, stale bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.expected[id]
	if f == nil {
		return time.Time{}, false
	}
	since, stale = f.replaced[notes]
	return since, stale
}

// randomInstance returns an instance that serves the API.
func (c *cluster) randomInstance(rng *rand.Rand) *instance {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		i := c.instances[rng.IntN(len(c.instances))]
		if i.servesAPI() {
			return i
		}
	}
}

// read reads contacts and lists, so that the cache has many values that can become stale, and records
// answers that are older than bounded staleness allows.
func (l *load) read(ctx context.Context, rng *rand.Rand) {
	pace := rate.NewLimiter(60, 1)
	for pace.Wait(ctx) == nil {
		from, began := l.c.randomInstance(rng), time.Now()
		if rng.IntN(3) == 0 {
			path := "/contacts?limit=100"
			if rng.IntN(2) == 0 {
				path += "&owner=" + owners[rng.IntN(len(owners))]
			}
			_, h, body := from.call(ctx, http.MethodGet, path, "", "Workspace", workspaces[rng.IntN(len(workspaces))])
			for _, item := range pageOf(body).Items {
				l.checkStaleness(item.ID, item.Notes, began, h, from)
			}
			continue
		}
		id, s, ok := l.randomContact(rng)
		if !ok {
			continue
		}
		status, h, body := from.call(ctx, http.MethodGet, "/contacts/"+id, "", "Workspace", s.workspace)
		if status == http.StatusOK {
			l.checkStaleness(id, contactOf(body).Notes, began, h, from)
		}
	}
}

func (l *load) checkStaleness(id, notes string, began time.Time, h http.Header, from *instance) {
	if since, stale := l.stale(id, notes); stale && began.Sub(since) > staleAfter {
		l.problem("stale by %s: %s has notes %s (%s, Position %s, from %s)", began.Sub(since).Round(time.Millisecond), id, notes,
			h.Get("Cache-Status"), h.Get("Position"), from.addr)
	}
}

// writer writes its own contacts, through the API and directly into MongoDB. It repeats each write until
// the write is acknowledged, like a careful client.
type writer struct {
	*load
	n        int
	rng      *rand.Rand
	count    int
	ids      []string
	directly bool // it never uses the API
}

func (w *writer) run(ctx context.Context) {
	for w.limit.Wait(ctx) == nil {
		w.write(ctx)
	}
}

func (w *writer) write(ctx context.Context) {
	w.count++
	switch dice := w.rng.IntN(100); {
	case len(w.ids) < 5 || dice < 35:
		w.create(ctx)
	case dice < 80:
		w.update(ctx, w.randomID(), false)
	case dice < 85:
		w.update(ctx, w.randomID(), true)
	case dice < 88:
		w.updateInTransaction(ctx)
	default:
		w.remove(ctx)
	}
}

// writeDirectly makes n writes directly into MongoDB, which need no instance.
func (l *load) writeDirectly(n int) {
	l.c.t.Helper()
	ctx, cancel := context.WithTimeout(l.c.t.Context(), 60*time.Second)
	defer cancel()
	w := &writer{load: l, n: 1000 + n, rng: l.c.rng, directly: true}
	for w.count < n {
		w.write(ctx)
	}
	require.NoError(l.c.t, ctx.Err())
}

// nextIsDirect decides whether the next write goes directly into MongoDB.
func (w *writer) nextIsDirect() bool { return w.rng.IntN(2) == 0 || w.directly }

func (w *writer) randomID() string { return w.ids[w.rng.IntN(len(w.ids))] }

func (w *writer) token() string {
	return fmt.Sprintf("s%d-l%d-w%d-n%d", w.c.seed, w.number, w.n, w.count)
}

func (w *writer) now(id string) state {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.expected[id].state
}

// retryUntil repeats try until it returns true or ctx is done.
func retryUntil(ctx context.Context, try func() bool) bool {
	for wait := 20 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 500*time.Millisecond) {
		if try() {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return false
}

func (w *writer) create(ctx context.Context) {
	s := state{
		workspace: workspaces[w.rng.IntN(len(workspaces))], owner: owners[w.rng.IntN(len(owners))],
		notes: w.token(), email: w.token() + "@example.org",
	}
	if w.nextIsDirect() {
		id := bson.NewObjectID()
		w.attempting(id.Hex(), s)
		if retryUntil(ctx, func() bool {
			_, err := w.c.db.Collection(grapevine.CollectionContacts).InsertOne(ctx, document(id, s))
			return err == nil || mongo.IsDuplicateKeyError(err)
		}) {
			w.acknowledged(id.Hex())
			w.ids = append(w.ids, id.Hex())
		}
		return
	}
	body := fmt.Sprintf(`{"firstName":"Ada","lastName":%q,"email":%q,"notes":%q,"owner":%q,"tags":["load"]}`, w.token(), s.email, s.notes, s.owner)
	var id, position string
	var from *instance
	if retryUntil(ctx, func() bool {
		from = w.c.randomInstance(w.rng)
		status, h, answer := from.call(ctx, http.MethodPost, "/contacts", body,
			"Content-Type", "application/json", "Workspace", s.workspace, "Idempotency-Key", w.token())
		if status == http.StatusCreated || status == http.StatusOK {
			id, position = contactOf(answer).ID, h.Get("Position")
		} else if !retryable(status) {
			w.problem("a create was answered %d: %.200s", status, answer)
		}
		return id != ""
	}) {
		w.attempting(id, s)
		w.acknowledged(id)
		w.ids = append(w.ids, id)
		w.readOwn(ctx, id, s, position)
	}
}

// update changes the notes, or moves the contact to another workspace and owner.
func (w *writer) update(ctx context.Context, id string, move bool) {
	was := w.now(id)
	next := was
	next.notes = w.token()
	if move {
		next.workspace, next.owner = workspaces[w.rng.IntN(len(workspaces))], owners[w.rng.IntN(len(owners))]
	}
	w.attempting(id, next)
	if w.nextIsDirect() {
		if retryUntil(ctx, func() bool { return w.set(ctx, id, next) == nil }) {
			w.acknowledged(id)
		}
		return
	}
	position := ""
	if retryUntil(ctx, func() (done bool) {
		position, done = w.patch(ctx, id, was, next)
		return done
	}) {
		w.acknowledged(id)
		w.readOwn(ctx, id, next, position)
	}
}

// patch tries once, with If-Match. An instance that hung may carry out the request late, and must not undo
// later writes.
func (w *writer) patch(ctx context.Context, id string, was, next state) (position string, done bool) {
	from := w.c.randomInstance(w.rng)
	for _, in := range []string{was.workspace, next.workspace} {
		status, h, answer := from.call(ctx, http.MethodGet, "/contacts/"+id, "", "Workspace", in, "Min-Position", farFuture)
		switch {
		case status == http.StatusNotFound && in != next.workspace:
			continue // an earlier attempt without an answer has moved the contact
		case status == http.StatusNotFound:
			w.problem("contact %s is gone: %.200s", id, answer)
			return "", false
		case status != http.StatusOK:
			return "", false
		}
		if got := contactOf(answer); got.Notes == next.notes {
			return h.Get("Position"), true // an earlier attempt without an answer has succeeded
		}
		body := fmt.Sprintf(`{"notes":%q,"owner":%q,"workspace":%q}`, next.notes, next.owner, next.workspace)
		status, h, answer = from.call(ctx, http.MethodPatch, "/contacts/"+id, body,
			"Content-Type", "application/merge-patch+json", "Workspace", in, "If-Match", h.Get("ETag"))
		if !retryable(status) && status != http.StatusOK && status != http.StatusPreconditionFailed && status != http.StatusNotFound {
			w.problem("an update was answered %d: %.200s", status, answer)
		}
		return h.Get("Position"), status == http.StatusOK
	}
	return "", false
}

// retryable reports whether a request with this status, or without an answer, is to be repeated. An
// instance that hung in the middle of a request answers 408.
func retryable(status int) bool {
	return status == 0 || status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
}

// farFuture is a position from the future. A read with it comes from MongoDB as it is now.
const farFuture = "18446744073709551615-0"

// set updates a contact directly in MongoDB.
func (w *writer) set(ctx context.Context, id string, s state) error {
	oid, _ := bson.ObjectIDFromHex(id)
	result, err := w.c.db.Collection(grapevine.CollectionContacts).UpdateByID(ctx, oid, bson.D{{Key: "$set", Value: bson.D{
		{Key: "notes", Value: s.notes}, {Key: "owner", Value: s.owner}, {Key: "workspace", Value: s.workspace},
	}}})
	if err == nil && result.MatchedCount == 0 {
		w.problem("contact %s is gone", id)
	}
	return err
}

// updateInTransaction updates several contacts in one transaction, so that their events share one cluster
// time. The end of the load does not cancel a transaction: its last statement could reach mongod after the
// abort and hold its locks for a minute.
func (w *writer) updateInTransaction(ctx context.Context) {
	ids := slices.Clone(w.ids)
	w.rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	ids = ids[:min(4, len(ids))]
	next := map[string]state{}
	for _, id := range ids {
		s := w.now(id)
		s.notes = w.token()
		next[id] = s
		w.attempting(id, s)
	}
	if retryUntil(ctx, func() bool {
		session, err := w.c.client.StartSession()
		if err != nil {
			return false
		}
		whole := context.WithoutCancel(ctx)
		defer session.EndSession(whole)
		bounded, cancel := context.WithTimeout(whole, 5*time.Second)
		defer cancel()
		_, err = session.WithTransaction(bounded, func(ctx context.Context) (any, error) {
			for _, id := range ids {
				if err := w.set(ctx, id, next[id]); err != nil {
					return nil, err
				}
			}
			return nil, nil
		})
		return err == nil
	}) {
		for _, id := range ids {
			w.acknowledged(id)
		}
	}
}

func (w *writer) remove(ctx context.Context) {
	n := w.rng.IntN(len(w.ids))
	id := w.ids[n]
	s := w.now(id)
	s.gone = true
	w.attempting(id, s)
	direct := w.nextIsDirect()
	if retryUntil(ctx, func() bool {
		if direct {
			oid, _ := bson.ObjectIDFromHex(id)
			_, err := w.c.db.Collection(grapevine.CollectionContacts).DeleteOne(ctx, bson.D{{Key: "_id", Value: oid}})
			return err == nil
		}
		status, _, _ := w.c.randomInstance(w.rng).call(ctx, http.MethodDelete, "/contacts/"+id, "", "Workspace", s.workspace)
		return status == http.StatusNoContent || status == http.StatusNotFound
	}) {
		w.acknowledged(id)
		w.ids = slices.Delete(w.ids, n, n+1)
	}
}

// readOwn reads a contact after its write from any instance, with the write's position.
func (w *writer) readOwn(ctx context.Context, id string, s state, position string) {
	if w.rng.IntN(3) != 0 {
		return
	}
	from := w.c.randomInstance(w.rng)
	status, h, body := from.call(ctx, http.MethodGet, "/contacts/"+id, "", "Workspace", s.workspace, "Min-Position", position)
	got := contactOf(body)
	if status == http.StatusNotFound || status == http.StatusOK && got.Notes != s.notes {
		w.problem("a read does not show its own write: %s at %s should have notes %s, got %d %s (%s, Position %s, from %s)", id, position, s.notes, status, got.Notes,
			h.Get("Cache-Status"), h.Get("Position"), from.addr)
	}
}

// document is a contact as somebody would insert it with mongosh.
func document(id bson.ObjectID, s state) bson.D {
	return bson.D{
		{Key: "_id", Value: id},
		{Key: "workspace", Value: s.workspace},
		{Key: "kind", Value: string(grapevine.Person)},
		{Key: "firstName", Value: "Bob"},
		{Key: "lastName", Value: s.notes},
		{Key: "email", Value: s.email},
		{Key: "owner", Value: s.owner},
		{Key: "notes", Value: s.notes},
		{Key: "tags", Value: bson.A{"load"}},
	}
}
