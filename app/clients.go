package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"grapevine/internal/mongox"
	"grapevine/internal/redisx"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// connectMongo makes a client; nothing is dialled before it is used. It has no Timeout of its own,
// because one ends an idle change stream: every call is bounded by its context. Each reply's cluster
// time goes to the clock.
func connectMongo(uri, name string, clock *grapevine.Clock) (*mongo.Client, error) {
	client, err := mongo.Connect(options.Client().ApplyURI(uri).
		SetAppName(name).
		SetServerSelectionTimeout(5 * time.Second).
		SetConnectTimeout(5 * time.Second).
		SetMonitor(mongox.ClusterTimeMonitor(clock.Observe)))
	if err != nil {
		return nil, fmt.Errorf("MONGO_URI: %w", err)
	}
	return client, nil
}

// disconnect closes clients; they say goodbye to MongoDB, and one that hangs is not waited for.
func disconnect(clients ...*mongo.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, client := range clients {
		if client != nil {
			_ = client.Disconnect(ctx)
		}
	}
}

// connectRedis makes the client of everything but the cache, which has its own with short timeouts.
// Its contexts bound its calls; its retries are harmless because every write is idempotent.
func connectRedis(redisURL string) (*redis.Client, error) {
	opts, err := redisx.Parse(redisURL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	return redis.NewClient(opts), nil
}

// redisLog takes what go-redis says of its connections; whoever made a failed call reports it too.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, fmt.Sprintf(format, args...))
}

// shown is a URI without its password, fit for a screen.
func shown(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return "(unreadable)"
	}
	return u.Redacted()
}
