package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/redisx"
)

// connectMongo makes a client. It connects at its first use. It has no Timeout of its own, because that
// would end an idle change stream: each call is bounded by its context. The clock follows the cluster
// time of every reply.
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

// disconnect closes clients. A client sends MongoDB a goodbye; a server that hangs is not waited for.
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
// Calls are bounded by their contexts. Retries are harmless, because every write is idempotent.
func connectRedis(redisURL string) (*redis.Client, error) {
	opts, err := redisx.Parse(redisURL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	return redis.NewClient(opts), nil
}

// WithDatabase calls do with the database and closes the connection afterwards.
func (c *Connections) WithDatabase(do func(*mongo.Database) error) error {
	client, err := connectMongo(c.MongoURI, "grapevine command", &grapevine.Clock{})
	if err != nil {
		return err
	}
	defer disconnect(client)
	return do(client.Database(c.MongoDatabase))
}

// OpenRedis makes a client for one command. go-redis logs nothing: the command reports its own errors.
func (c *Connections) OpenRedis() (*redis.Client, error) {
	redis.SetLogger(redisLog{slog.New(slog.DiscardHandler)})
	return connectRedis(c.RedisURL)
}

// redisLog takes the messages of go-redis at debug level: the caller of a failed call reports it too.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, fmt.Sprintf(format, args...))
}

// redacted is a URI without its password.
func redacted(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return "(unreadable)"
	}
	return u.Redacted()
}
