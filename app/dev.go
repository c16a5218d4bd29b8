package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/servers"
	"grapevine/store"
)

type devCommand struct {
	//nolint:staticcheck // kong reads every set
	settings `embed:"" set:"mongo_uri=" set:"redis_url=" set:"log_format=text"`
	Data     string `default:".data" type:"path" help:"Where the data of MongoDB and Redis is kept between runs."`
	Contacts int    `default:"500" help:"Sample contacts on the first run."`
}

// Validate is that of a production start, which has no servers of its own.
func (c *devCommand) Validate() error {
	s := c.settings
	s.MongoURI, s.RedisURL = cmp.Or(s.MongoURI, flagDefaults["mongo_uri"]), cmp.Or(s.RedisURL, flagDefaults["redis_url"])
	if c.Contacts < 0 || c.Contacts > mostSamples {
		return fmt.Errorf("--contacts: %d is not between 0 and %d", c.Contacts, mostSamples)
	}
	return s.Validate()
}

// Run brings everything up, serves, and stops all it started.
func (c *devCommand) Run(ctx context.Context) error {
	s := c.settings
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	unlock, err := lockData(c.Data)
	if err != nil {
		return err
	}
	defer unlock()

	stop, err := c.startServers(ctx, &s.stores)
	defer stop()
	if err != nil {
		return err
	}
	app, err := New(s, s.logger(os.Stderr))
	if err != nil {
		return err
	}
	if err := c.seedOnce(ctx, s.stores); err != nil {
		app.close()
		return err
	}
	var side errgroup.Group
	running, cancel := context.WithCancel(ctx)
	side.Go(func() error { defer cancel(); return app.Run(ctx) })
	side.Go(func() error {
		_ = waitServing(running, app)
		if running.Err() == nil {
			table(os.Stdout, app)
		}
		return nil
	})
	return side.Wait()
}

// lockData keeps two runs from using the same data at once. The lock goes with the process, however
// it ends.
func lockData(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("--data: %s is in use by another run; stop it, or choose another folder", dir)
	}
	return func() { f.Close() }, nil
}

// startServers starts the servers that were not given. stop is never nil.
func (c *devCommand) startServers(ctx context.Context, where *stores) (stop func(), err error) {
	var stops []func(context.Context) error
	stop = func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		var side errgroup.Group
		for _, f := range stops {
			side.Go(func() error { return f(bounded) })
		}
		if err := side.Wait(); err != nil {
			fmt.Fprintln(os.Stderr, "grapevine:", err)
		}
	}
	starting, cancel := context.WithTimeout(ctx, 10*time.Minute) // a first run may have to fetch them
	defer cancel()
	if where.MongoURI == "" {
		path, err := servers.FindMongod(starting)
		if err != nil {
			return stop, err
		}
		fmt.Fprintln(os.Stderr, "starting MongoDB …")
		mongod, err := servers.StartMongod(starting, path, filepath.Join(c.Data, "mongo"), 0)
		if err != nil {
			return stop, err
		}
		where.MongoURI = strings.Replace(mongod.URI, "/?", "/"+where.MongoDB+"?", 1) // fit for pasting into mongosh
		stops = append(stops, mongod.Stop)
	}
	if where.RedisURL == "" {
		path, err := servers.FindRedis(starting)
		if err != nil {
			return stop, err
		}
		fmt.Fprintln(os.Stderr, "starting Redis …")
		rdb, err := servers.StartRedis(starting, path, filepath.Join(c.Data, "redis"), 0)
		if err != nil {
			return stop, err
		}
		where.RedisURL = rdb.URL
		stops = append(stops, rdb.Stop)
	}
	return stop, nil
}

// seedOnce adds the sample contacts where there are no contacts yet. They are there before the
// pipeline first runs, so nobody is welcomed who is not real.
func (c *devCommand) seedOnce(ctx context.Context, where stores) error {
	return withDB(where, func(db *mongo.Database) error {
		n, err := db.Collection(store.Collection).EstimatedDocumentCount(ctx)
		if err != nil || n > 0 || c.Contacts == 0 {
			return err
		}
		return seed(ctx, db, grapevine.DefaultWorkspace, c.Contacts, 1, os.Stderr)
	})
}

// waitServing waits until everything is live, which after a kill takes as long as the lease, and
// reports whether it is. It does not wait for ever: a pipeline that was left paused stays so.
func waitServing(ctx context.Context, app *App) bool {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		r := app.ready(ctx)
		if r.Ready && r.Parts["following"].Ready && (!app.has(roleWatcher) || r.Parts["watcher"].Ready) && answers(ctx, app.Addr()) {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}

func answers(ctx context.Context, addr string) bool {
	return (&healthcheckCommand{Addr: addr}).Run(ctx) == nil
}

func table(to io.Writer, app *App) {
	base := "http://" + app.Addr()
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\n  page\t%s/\n  pipeline\t%s/inspect\n  API\t%s/contacts\n  docs\t%s/docs\n  jobs\t%s/jobs\n", base, base, base, base, base)
	fmt.Fprintf(w, "  MongoDB\t%s\n  Redis\t%s\n\n", app.MongoURI, app.RedisURL)
	_ = w.Flush()
	fmt.Fprint(to, "  Ctrl-C stops everything; the data stays.\n\n")
}
