package app

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
)

// The client sends a goodbye to a server that no longer answers. A command must not wait for it.
func TestACommandEndsThoughMongoDBIsGone(t *testing.T) {
	for name, gone := range map[string]syscall.Signal{"dead": syscall.SIGKILL, "hung": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			m := realtest.StartMongod(t)
			var watch *realtest.Stopwatch
			require.NoError(t, (&Connections{MongoURI: redact.URI(m.URI), MongoDatabase: "test"}).WithDatabase(func(db *mongo.Database) error {
				err := db.RunCommand(t.Context(), bson.D{{Key: "ping", Value: 1}}).Err()
				watch = realtest.StartStopwatch(t)
				return errors.Join(err, m.Signal(gone))
			}))
			require.Less(t, watch.Stop(), watch.Allow(10*time.Second))
		})
	}
}
