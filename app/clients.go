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

// clients are the connections of one instance. Each connects at its first use.
type clients struct {
	mongo       *mongo.Client // for everything but the watcher
	mongoStream *mongo.Client // for the watcher: many requests never keep it waiting for a connection

	redis         *redis.Client // for queue, event log, checkpoint and lease: retries, because every write is idempotent
	redisCache    *redis.Client // for the cache: short timeouts, no retries
	redisFollower *redis.Client // for blocking reads of the event log
}

// open makes the clients of the instance called name.
func (c *clients) open(connections Connections, name string, clock *grapevine.Clock, log *slog.Logger) (err error) {
	redis.SetLogger(redisLog{log})
	if c.mongo, err = connectMongo(connections.MongoURI, "grapevine "+name, clock); err != nil {
		return err
	}
	if c.mongoStream, err = connectMongo(connections.MongoURI, "grapevine watcher "+name, clock); err != nil {
		return err
	}
	main, err := redisx.Parse(connections.RedisURL)
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	forCache, err := redisx.ForCache(connections.RedisURL)
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	c.redis, c.redisCache, c.redisFollower = redis.NewClient(main), redis.NewClient(forCache), redis.NewClient(redisx.ForFollower(main))
	return nil
}

func (c *clients) close() {
	disconnect(c.mongo, c.mongoStream)
	for _, client := range []*redis.Client{c.redis, c.redisCache, c.redisFollower} {
		if client != nil {
			_ = client.Close()
		}
	}
}

// connectMongo makes a client. It has no Timeout of its own, because that would end an idle change stream:
// each call is bounded by its context. The clock follows the cluster time of every reply.
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

// disconnect closes clients. Each client ends its sessions on the server. disconnect does not wait for a server that
// hangs.
func disconnect(clients ...*mongo.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, client := range clients {
		if client != nil {
			_ = client.Disconnect(ctx)
		}
	}
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
	opts, err := redisx.Parse(c.RedisURL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	return redis.NewClient(opts), nil
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
