package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"text/tabwriter"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/app"
)

type devCommand struct {
	//nolint:staticcheck // kong reads every set
	settings `embed:"" set:"mongo_uri=" set:"redis_url=" set:"log_format=text" set:"drain=0s"`
	Data     string `default:".data" type:"path" help:"Folder of MongoDB's and Redis' data. It is kept between runs."`
	Contacts int    `default:"500" help:"Sample contacts to add if there are no contacts."`
}

// Help ends the help of the command.
func (c *devCommand) Help() string { return settingsHelp }

// Validate checks the settings like `serve`, except that the servers need not be named.
func (c *devCommand) Validate() error {
	if c.Contacts < 0 || c.Contacts > maxSamples {
		return fmt.Errorf("--contacts: %d is not between 0 and %d", c.Contacts, maxSamples)
	}
	mongo, redis := c.MongoURI, c.RedisURL
	c.MongoURI, c.RedisURL = cmp.Or(mongo, app.DefaultMongoURI), cmp.Or(redis, app.DefaultRedisURL)
	err := c.Config.Validate()
	c.MongoURI, c.RedisURL = mongo, redis
	return err
}

// Run starts the servers and serves until ctx ends. Then it stops everything that it started. A second Ctrl-C does not
// interrupt that: it takes a bounded time, and servers must not be left behind.
func (c *devCommand) Run(ctx context.Context) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	unlock, err := lockData(c.Data)
	if err != nil {
		return err
	}
	defer unlock()

	config := c.Config
	redisServer, stop, err := startServers(ctx, c.Data, &config.Connections)
	defer stop()
	if err != nil {
		return err
	}
	config.Experiments = experiments(config.Connections, redisServer)
	instance, err := app.Open(ctx, config, slog.New(newRepeatLog(c.logger(os.Stderr).Handler())))
	if err != nil {
		return err
	}
	// Seed before the watcher's first start: contacts that are already there get no welcome.
	if err := c.seedOnce(ctx, config.Connections); err != nil {
		instance.Close()
		return err
	}
	var group errgroup.Group
	running, cancel := context.WithCancel(ctx)
	group.Go(func() error { defer cancel(); return instance.Run(ctx) })
	group.Go(func() error {
		_ = instance.WaitLive(running)
		if running.Err() == nil {
			printAddresses(os.Stdout, instance.Addr(), config.Connections)
		}
		return nil
	})
	return group.Wait()
}

// lockData prevents two runs with the same data. The kernel releases the lock when the process ends.
func lockData(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("--data: %s is in use by another run; stop that run, or choose another folder", dir)
	}
	return func() { f.Close() }, nil
}

// seedOnce adds the sample contacts if there are no contacts.
func (c *devCommand) seedOnce(ctx context.Context, servers app.Connections) error {
	return servers.WithDatabase(func(db *mongo.Database) error {
		n, err := db.Collection(grapevine.CollectionContacts).EstimatedDocumentCount(ctx)
		if err != nil || n > 0 || c.Contacts == 0 {
			return err
		}
		return addSamples(ctx, db, grapevine.DefaultWorkspace, c.Contacts, 1, os.Stderr)
	})
}

func printAddresses(to io.Writer, addr string, servers app.Connections) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w)
	for _, row := range [][2]string{{"page", "/"}, {"pipeline", "/inspect"}, {"API", "/contacts"}, {"docs", "/docs"}, {"jobs", "/jobs"}} {
		fmt.Fprintf(w, "  %s\thttp://%s%s\n", row[0], addr, row[1])
	}
	fmt.Fprintf(w, "  MongoDB\t%s\n  Redis\t%s\n\n", servers.MongoURI, servers.RedisURL)
	_ = w.Flush()
	fmt.Fprint(to, "  Ctrl-C stops everything; the data stays.\n\n")
}
