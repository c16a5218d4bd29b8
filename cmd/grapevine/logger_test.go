package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/app"
)

// The driver's error is a dump of all that it knows about the servers. The log says what to do.
func TestTheLogSaysWhyNoMongoDBAnswers(t *testing.T) {
	connections := app.Connections{MongoURI: "mongodb://127.0.0.1:1/?replicaSet=rs0", MongoDatabase: "x"}
	err := connections.WithDatabase(func(db *mongo.Database) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return db.RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err()
	})
	require.Error(t, err)
	var log bytes.Buffer
	(&settings{LogFormat: "json", LogLevel: slog.LevelInfo}).logger(&log).Warn("waiting", "err", err)
	require.Contains(t, log.String(), "127.0.0.1:1 (connection refused; start it, or correct MONGO_URI)")
	require.NotContains(t, log.String(), "topology")
	require.NotNil(t, (&settings{LogFormat: "auto"}).logger(os.Stderr))
}
