package mongox_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/mongox"
)

// The driver's error is a dump of all that it knows about the servers. The text says what to do.
func TestTextSaysWhyNoMongoDBAnswers(t *testing.T) {
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:1/?replicaSet=rs0"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = client.Database("x").RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err()
	require.True(t, mongox.IsUnanswered(err))
	require.Contains(t, mongox.Text(err), "127.0.0.1:1 (connection refused; start it, or correct MONGO_URI)")
	require.NotContains(t, mongox.Text(err), "topology")
}

// A line of the log stays readable, in characters too.
func TestTextIsShort(t *testing.T) {
	text := mongox.Text(errors.New("x" + strings.Repeat("é", 2000)))
	require.Less(t, len(text), 610)
	require.True(t, strings.HasSuffix(text, "é…"))
}
