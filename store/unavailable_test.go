package store_test

import (
	"context"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/servers"
	"grapevine/store"
)

// calls returns every call of a store, each with valid arguments.
func calls(s *store.Store, c grapevine.Contact) map[string]func(context.Context) error {
	edit := func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes += "."
		return c, nil
	}
	return map[string]func(context.Context) error{
		"ping":   func(ctx context.Context) error { _, err := s.Ping(ctx); return err },
		"get":    func(ctx context.Context) error { _, err := s.Get(ctx, ws, c.ID, grapevine.Position{}); return err },
		"create": func(ctx context.Context) error { _, _, _, err := s.Create(ctx, c, grapevine.Idempotency{}); return err },
		"create with a key": func(ctx context.Context) error {
			_, _, _, err := s.Create(ctx, c, grapevine.Idempotency{Key: "k", Fingerprint: "f"})
			return err
		},
		"find":        func(ctx context.Context) error { _, _, err := s.FindInAnyWorkspace(ctx, c.ID); return err },
		"add missing": func(ctx context.Context) error { return s.AddMissing(ctx, []grapevine.Contact{c}) },
		"add imported": func(ctx context.Context) error {
			_, _, err := s.AddImported(ctx, grapevine.ImportedContacts{Contacts: []grapevine.Contact{c}})
			return err
		},
		"find by keys": func(ctx context.Context) error {
			_, _, err := s.FindByKeys(ctx, ws, grapevine.ContactKeys{Emails: []string{"x@example.com"}})
			return err
		},
		"update": func(ctx context.Context) error { _, _, err := s.Update(ctx, ws, c.ID, nil, edit); return err },
		"delete": func(ctx context.Context) error {
			_, err := s.Delete(ctx, ws, "507f1f77bcf86cd799439011", nil)
			return err
		},
		"delete if": func(ctx context.Context) error {
			_, err := s.Delete(ctx, ws, "507f1f77bcf86cd799439011", []string{`"x"`})
			return err
		},
		"list": func(ctx context.Context) error {
			_, err := s.List(ctx, grapevine.Query{Workspace: ws}, grapevine.Position{})
			return err
		},
		"filter": func(ctx context.Context) error {
			_, err := s.List(ctx, grapevine.Query{Workspace: ws, Tags: []string{"vip"}}, grapevine.Position{})
			return err
		},
		"search": func(ctx context.Context) error {
			_, err := s.List(ctx, grapevine.Query{Workspace: ws, Text: "ada"}, grapevine.Position{})
			return err
		},
		"stats": func(ctx context.Context) error {
			_, err := s.Stats(ctx, ws, grapevine.PerTag, grapevine.Position{})
			return err
		},
		"future": func(ctx context.Context) error {
			_, err := s.Get(ctx, ws, c.ID, grapevine.Position{Time: 1 << 63})
			return err
		},
	}
}

func newMongod(t *testing.T) (*servers.Mongod, *mongo.Database) {
	t.Helper()
	mongod := realtest.StartMongod(t)
	return mongod, realtest.Connect(t, mongod.URI).Database("unavailable")
}

func requireUnavailable(t *testing.T, s *store.Store, c grapevine.Contact, within time.Duration) {
	t.Helper()
	for name, call := range calls(s, c) {
		watch := realtest.StartStopwatch(t)
		err := call(context.Background())
		took := watch.Stop()
		require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err), "%s: %v", name, err)
		var e *grapevine.Error
		require.ErrorAs(t, err, &e)
		require.Positive(t, e.RetryAfter, name)
		if slices.Contains([]string{"add missing", "add imported", "find by keys"}, name) {
			took /= 6 // their timeout is six times as long
		}
		require.Less(t, took, watch.Allow(within), name)
	}
}

func TestAHangingMongoDBIsUnavailable(t *testing.T) {
	mongod, db := newMongod(t)
	s := store.New(db, store.Config{Timeout: 300 * time.Millisecond})
	require.NoError(t, s.Prepare(deadline(t)))
	c := create(t, store.New(db, store.Config{}), ada())
	require.NoError(t, mongod.Signal(syscall.SIGSTOP))
	requireUnavailable(t, s, c, 1500*time.Millisecond)
	require.NoError(t, mongod.Signal(syscall.SIGCONT))
	requireAvailable(t, s, c)
}

func requireAvailable(t *testing.T, s *store.Store, c grapevine.Contact) {
	t.Helper()
	all := calls(s, c)
	require.Eventually(t, func() bool {
		for _, name := range []string{"get", "create", "update", "list", "search", "future"} {
			if all[name](context.Background()) != nil {
				return false
			}
		}
		return true
	}, 30*time.Second, 50*time.Millisecond)
}

func TestAStoppedMongoDBIsUnavailable(t *testing.T) {
	mongod, db := newMongod(t)
	s := store.New(db, store.Config{Timeout: 300 * time.Millisecond})
	require.NoError(t, s.Prepare(deadline(t)))
	c := create(t, store.New(db, store.Config{}), ada())
	mongod.Kill()
	requireUnavailable(t, s, c, 1500*time.Millisecond)
}

// A node that stepped down still answers.
func TestASecondaryIsUnavailable(t *testing.T) {
	_, db := newMongod(t)
	s := store.New(db, store.Config{Timeout: time.Second})
	require.NoError(t, s.Prepare(deadline(t)))
	c := create(t, store.New(db, store.Config{}), ada())
	require.NoError(t, db.Client().Database("admin").RunCommand(deadline(t), bson.D{{Key: "replSetStepDown", Value: 3}, {Key: "force", Value: true}}).Err())
	_, _, _, err := s.Create(context.Background(), c, grapevine.Idempotency{})
	require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err), "%v", err)
	requireAvailable(t, s, c)
}

func TestACancelledCallIsNotUnavailable(t *testing.T) {
	s, _ := prepared(t)
	c := create(t, s, ada())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, call := range calls(s, c) {
		err := call(ctx)
		require.ErrorIs(t, err, context.Canceled, name)
		require.NotEqual(t, grapevine.Unavailable, grapevine.ErrorCode(err), name)
	}
}
