package imports

import (
	"context"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// While MongoDB hangs or is away, whatever needs it ends in time, and its error asks for another try.
func TestMongoUnavailable(t *testing.T) {
	mongod := realtest.StartMongod(t)
	client := realtest.Connect(t, mongod.URI)
	storage := NewStorage(client.Database("imports"))
	storage.patience = time.Second
	const file = "First Name\nAda\n"
	started := startFile(t, storage, file)
	id, err := bson.ObjectIDFromHex(started.ID)
	require.NoError(t, err)
	d, _, err := storage.claim(t.Context(), id)
	require.NoError(t, err)

	calls := map[string]func(ctx context.Context) error{
		"start": func(context.Context) error { // its own limit, because its sender may be slow
			_, err := storage.Start(t.Context(), Request{Workspace: "default", Body: strings.NewReader(file)})
			return err
		},
		"get":   func(ctx context.Context) error { _, err := storage.Get(ctx, "default", started.ID); return err },
		"claim": func(ctx context.Context) error { _, _, err := storage.claim(ctx, id); return err },
		"save":  func(ctx context.Context) error { return storage.save(ctx, d) },
		"read": func(context.Context) error {
			stored, err := storage.open(t.Context(), *d.File)
			if err != nil {
				return err
			}
			_, err = stored.Read(make([]byte, 1))
			return err
		},
	}
	for _, lose := range []func(){func() { require.NoError(t, mongod.Signal(syscall.SIGSTOP)) }, mongod.Kill} {
		lose()
		watch := realtest.StartStopwatch(t)
		var all sync.WaitGroup
		for name, do := range calls {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := do(ctx)
				assert.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err), "%s: %v", name, err)
			})
		}
		all.Wait()
		require.Less(t, watch.Stop(), watch.Allow(3*time.Second))
	}
}
