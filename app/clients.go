package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"

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
	if c.mongo, err = connections.connectMongo("grapevine "+name, clock); err != nil {
		return err
	}
	if c.mongoStream, err = connections.connectMongo("grapevine watcher "+name, clock); err != nil {
		return err
	}
	server, err := connections.redisServer()
	if err != nil {
		return err
	}
	c.redis, c.redisCache, c.redisFollower = server.Client(), server.CacheClient(), server.FollowerClient()
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
func (c *Connections) connectMongo(name string, clock *grapevine.Clock) (*mongo.Client, error) {
	opts, err := c.mongoOptions()
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(opts.
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
	client, err := c.connectMongo("grapevine command", &grapevine.Clock{})
	if err != nil {
		return err
	}
	defer disconnect(client)
	return do(client.Database(c.MongoDatabase))
}

// OpenRedis makes a client for one command. go-redis logs nothing: the command reports its own errors.
func (c *Connections) OpenRedis() (*redis.Client, error) {
	redis.SetLogger(redisLog{slog.New(slog.DiscardHandler)})
	server, err := c.redisServer()
	if err != nil {
		return nil, err
	}
	return server.Client(), nil
}

// redisServer is the Redis of REDIS_URL with the certificates of the settings.
func (c *Connections) redisServer() (*redisx.Server, error) {
	server, err := c.parseRedisURL()
	if err != nil || server.TLSConfig() == nil {
		return server, err
	}
	return server, c.Certificates.apply(server.TLSConfig())
}

// parseRedisURL reads REDIS_URL. Its error holds no secret.
func (c *Connections) parseRedisURL() (server *redisx.Server, err error) {
	parse := func(address string) (err error) {
		server, err = redisx.Parse(address)
		return err
	}
	if err := c.RedisURL.Check(parse); err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	return server, nil
}

// redisLog takes the messages of go-redis at debug level: the caller of a failed call reports it too.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, fmt.Sprintf(format, args...))
}
