// Command fetch makes sure that a mongod and a redis-server exist, and prints the PATH with which tests find them. A
// download then happens once and visibly, and not inside the first test.
//
// Its argument says which servers: `found` are the ones that the tests find by themselves, `latest` the newest pinned
// ones.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"grapevine/internal/servers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.Join(os.Args[1:], " ")); err != nil {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1) //nolint:gocritic // there is nothing left to stop
	}
}

func run(ctx context.Context, which string) error {
	path := filepath.SplitList(os.Getenv("PATH"))
	switch which {
	case "found":
		mongod, mongoErr := servers.FindMongod(ctx)
		redisServer, redisErr := servers.FindRedis(ctx)
		if err := errors.Join(mongoErr, redisErr); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "servers: %s, %s\n", mongod, redisServer)
	case "latest":
		folders, err := servers.Latest(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "servers in %s\n", strings.Join(folders, ", "))
		path = append(folders, path...)
	default:
		return fmt.Errorf("SERVERS is %q; it can be found (the default) or latest", which)
	}
	fmt.Println(strings.Join(path, string(filepath.ListSeparator)))
	return nil
}
