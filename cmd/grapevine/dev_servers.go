package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"grapevine/app"
	"grapevine/internal/redact"
	"grapevine/internal/servers"
)

// startServers starts MongoDB and Redis on data, each only if no address is set, and sets the address.
// stop is never nil; redisServer is nil if an address was set.
func startServers(ctx context.Context, data string, connections *app.Connections) (redisServer *servers.Redis, stop func(), err error) {
	var stops []func(context.Context) error
	stop = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		var group errgroup.Group
		for _, stopServer := range stops {
			group.Go(func() error { return stopServer(ctx) })
		}
		if err := group.Wait(); err != nil {
			fmt.Fprintln(os.Stderr, "grapevine:", err)
		}
	}
	starting, cancel := context.WithTimeout(ctx, 20*time.Minute) // a first run may have to fetch the programs
	defer cancel()
	mongod, redisProgram, err := findServers(starting, connections)
	if err != nil {
		return nil, stop, err
	}
	if connections.MongoURI == "" {
		fmt.Fprintln(os.Stderr, "starting MongoDB …")
		dir := filepath.Join(data, "mongo")
		server, err := onKeptPort("MongoDB", dir, firstMongoPort, func(port int) (*servers.Mongod, int, error) {
			s, err := servers.StartMongod(starting, mongod, dir, port)
			if err != nil {
				return nil, 0, err
			}
			return s, s.Port, nil
		})
		if err != nil {
			return nil, stop, err
		}
		// With the database in it, the URI can be given to mongosh as it is.
		connections.MongoURI = redact.URI(strings.Replace(server.URI, "/?", "/"+connections.MongoDatabase+"?", 1))
		stops = append(stops, server.Stop)
	}
	if connections.RedisURL == "" {
		fmt.Fprintln(os.Stderr, "starting Redis …")
		dir := filepath.Join(data, "redis")
		server, err := onKeptPort("Redis", dir, firstRedisPort, func(port int) (*servers.Redis, int, error) {
			s, err := servers.StartRedis(starting, redisProgram, dir, port)
			if err != nil {
				return nil, 0, err
			}
			return s, s.Port, nil
		})
		if err != nil {
			return nil, stop, err
		}
		connections.RedisURL = redact.URI(server.URL)
		stops = append(stops, server.Stop)
		redisServer = server
	}
	return redisServer, stop, nil
}

// findServers finds the programs that are needed. If both are missing, the error names both.
func findServers(ctx context.Context, connections *app.Connections) (mongod, redisServer servers.Program, err error) {
	var mongoErr, redisErr error
	if connections.MongoURI == "" {
		mongod, mongoErr = servers.FindMongod(ctx)
	}
	if connections.RedisURL == "" {
		redisServer, redisErr = servers.FindRedis(ctx)
	}
	return mongod, redisServer, errors.Join(mongoErr, redisErr)
}
