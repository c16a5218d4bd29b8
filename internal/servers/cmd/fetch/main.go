// Command fetch makes sure that a mongod and a redis-server exist. A download then happens once and visibly, and not
// inside the first test.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"grapevine/internal/servers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, find := range []func(context.Context) (string, error){servers.FindMongod, servers.FindRedis} {
		path, err := find(ctx)
		if err != nil {
			fmt.Fprintln(os.Stderr, "fetch:", err)
			os.Exit(1) //nolint:gocritic // there is nothing left to stop
		}
		fmt.Println(path)
	}
}
