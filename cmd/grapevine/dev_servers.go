package main

import (
	"context"
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
// stop is never nil.
func startServers(ctx context.Context, data string, connections *app.Connections) (stop func(), err error) {
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
	starting, cancel := context.WithTimeout(ctx, 10*time.Minute) // a first run may have to fetch the programs
	defer cancel()
	if connections.MongoURI == "" {
		path, err := servers.FindMongod(starting)
		if err != nil {
			return stop, err
		}
		fmt.Fprintln(os.Stderr, "starting MongoDB …")
		mongod, err := servers.StartMongod(starting, path, filepath.Join(data, "mongo"), 0)
		if err != nil {
			return stop, err
		}
		// With the database in it, the URI can be given to mongosh as it is.
		connections.MongoURI = redact.URI(strings.Replace(mongod.URI, "/?", "/"+connections.MongoDatabase+"?", 1))
		stops = append(stops, mongod.Stop)
	}
	if connections.RedisURL == "" {
		path, err := servers.FindRedis(starting)
		if err != nil {
			return stop, err
		}
		fmt.Fprintln(os.Stderr, "starting Redis …")
		redisServer, err := servers.StartRedis(starting, path, filepath.Join(data, "redis"), 0)
		if err != nil {
			return stop, err
		}
		connections.RedisURL = redact.URI(redisServer.URL)
		stops = append(stops, redisServer.Stop)
	}
	return stop, nil
}
