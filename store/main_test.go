package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/seed"
	"grapevine/store"
)

func TestMain(m *testing.M) { realtest.Main(m) }

const ws = grapevine.DefaultWorkspace

// prepared returns a store on a new, empty database.
func prepared(t testing.TB) (*store.Store, *mongo.Database) {
	t.Helper()
	db := realtest.New(t).DB(t)
	s := store.New(db, store.Config{})
	require.NoError(t, s.Prepare(deadline(t)))
	return s, db
}

func deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func ada() grapevine.Contact {
	return grapevine.Contact{
		Workspace: ws, Kind: grapevine.Person, FirstName: "Ada", LastName: "Lovelace",
		Emails: []grapevine.Entry{{Label: "work", Value: "ada@example.com"}}, Phones: []grapevine.Entry{{Value: "+44 20"}}, Company: "Analytical", Tags: []string{"vip", "math"}, Notes: "first\nsecond", Owner: "charles",
		Addresses: []grapevine.Address{{Label: "home", City: "London", Country: "GB"}},
	}
}

// fill adds n sample contacts.
func fill(t testing.TB, s *store.Store, n int) {
	t.Helper()
	require.NoError(t, seed.Fill(context.Background(), s, seed.Samples{Workspace: ws, Seed: 1, Count: n}, nil))
}

func organization(name string) grapevine.Contact {
	return grapevine.Contact{Workspace: ws, Kind: grapevine.Organization, Name: name}
}

func create(t testing.TB, s *store.Store, c grapevine.Contact) grapevine.Contact {
	t.Helper()
	c, _, created, err := s.Create(deadline(t), c, grapevine.Idempotency{})
	require.NoError(t, err)
	require.True(t, created)
	return c
}

func pointers(t testing.TB, err error) (pointers []string) {
	t.Helper()
	require.Equal(t, grapevine.Invalid, grapevine.ErrorCode(err), "%v", err)
	var e *grapevine.Error
	require.ErrorAs(t, err, &e)
	for _, f := range e.Fields {
		pointers = append(pointers, f.Pointer)
	}
	return pointers
}
