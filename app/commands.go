package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/schollz/progressbar/v3"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/store"
	"grapevine/watcher"
)

type serveCommand struct {
	settings `embed:""`
}

// Run is the production start.
func (c *serveCommand) Run(ctx context.Context) error {
	app, err := New(c.settings, c.logger(os.Stderr))
	if err != nil {
		return err
	}
	return app.Run(ctx)
}

const mostSamples = 10_000_000

type seedCommand struct {
	stores    `embed:""`
	Contacts  int    `default:"1000" help:"How many."`
	Workspace string `default:"default" help:"Into which workspace."`
	Seed      uint64 `default:"1" help:"The same seed makes the same people."`
}

// Run writes straight to MongoDB: everything else follows from its change stream.
func (c *seedCommand) Run(ctx context.Context) error {
	if c.Contacts < 1 || c.Contacts > mostSamples {
		return fmt.Errorf("--contacts: %d is not between 1 and %d", c.Contacts, mostSamples)
	}
	if !grapevine.ValidWorkspace(c.Workspace) {
		return fmt.Errorf("--workspace: %q is not a workspace: lower-case letters, digits and hyphens, at most 63", c.Workspace)
	}
	return withDB(c.stores, func(db *mongo.Database) error {
		return seed(ctx, db, c.Workspace, c.Contacts, c.Seed, os.Stderr)
	})
}

// seed makes the collections where they are missing, and adds the contacts with a progress bar.
func seed(ctx context.Context, db *mongo.Database, workspace string, n int, from uint64, to io.Writer) error {
	s := store.New(db, store.Config{Clock: &grapevine.Clock{}})
	if err := s.Prepare(ctx); err != nil {
		return fmt.Errorf("MONGO_URI: %w", err)
	}
	bar := progressbar.NewOptions(n, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription("sample contacts"),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(to) }))
	if err := s.Seed(ctx, workspace, n, from, func(done int) { _ = bar.Set(done) }); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return bar.Finish()
}

type gapsCommand struct {
	stores `embed:""`
	JSON   bool `help:"As JSON."`
}

// Run lists gaps, newest first.
func (c *gapsCommand) Run(ctx context.Context) error {
	return withDB(c.stores, func(db *mongo.Database) error {
		gaps, err := watcher.Gaps(ctx, db)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(os.Stdout).Encode(gaps)
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "STARTED\tSTATE\tFROM\tTO\tCONTACTS\tTOUCHED\tTOOK\tREASON")
		for _, g := range gaps {
			took := "-"
			if g.FinishedAt != nil {
				took = g.FinishedAt.Sub(g.StartedAt).Round(time.Millisecond).String()
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", g.StartedAt.Local().Format(time.DateTime), g.State, g.From, g.To, g.Seen, g.Touched, took, g.Reason)
		}
		return w.Flush()
	})
}

func withDB(where stores, do func(*mongo.Database) error) error {
	client, err := connectMongo(where.MongoURI, "grapevine command", &grapevine.Clock{})
	if err != nil {
		return err
	}
	defer disconnect(client)
	return do(client.Database(where.MongoDB))
}

type pipelineCommand struct {
	Status    statusCommand `cmd:"" help:"Lease holder, checkpoint, gaps and dead changes."`
	Pause     actCommand    `cmd:"" help:"Let changes wait in the oplog; the lease is kept."`
	Resume    actCommand    `cmd:"" help:"Go on at the checkpoint."`
	Reconcile actCommand    `cmd:"" help:"Forget the cache, have every client re-read, and give contacts without a job theirs."`
	Replay    replayCommand `cmd:"" help:"Apply one effect again to the changes since a position."`
	Dead      deadCommand   `cmd:"" help:"Changes that could not be applied."`
}

type actCommand struct {
	stores  `embed:""`
	Timeout time.Duration `default:"30s" help:"How long to wait for the holder of the lease."`
}

// Run asks for the act of the command's name.
func (c *actCommand) Run(ctx context.Context, act *kongCommand) error {
	return ask(ctx, c.stores, c.Timeout, watcher.Act{Act: act.last()})
}

type replayCommand struct {
	actCommand `embed:""`
	From       string   `required:"" help:"Position from which to replay, such as a write's answer has in its Position header."`
	Effects    []string `required:"" help:"jobs, cache. Events cannot be replayed: each is broadcast once."`
}

// Run asks for a replay.
func (c *replayCommand) Run(ctx context.Context) error {
	if _, err := grapevine.ParsePosition(c.From); err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	return ask(ctx, c.stores, c.Timeout, watcher.Act{Act: "replay", From: c.From, Effects: c.Effects})
}

type deadCommand struct {
	List  deadListCommand  `cmd:"" help:"List the changes that could not be applied, newest first."`
	Retry deadRetryCommand `cmd:"" help:"Give the contact of a dead change its jobs, if it can be read by now."`
}

type deadListCommand struct {
	stores `embed:""`
}

// Run lists dead changes.
func (c *deadListCommand) Run(ctx context.Context) error {
	return withDB(c.stores, func(db *mongo.Database) error {
		dead, err := watcher.DeadChanges(ctx, db)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "POSITION\tAT\tSTATE\tOPERATION\tREASON")
		for _, d := range dead {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.Position, d.At.Local().Format(time.DateTime), d.State, d.Operation, d.Reason)
		}
		return w.Flush()
	})
}

type deadRetryCommand struct {
	actCommand `embed:""`
	Position   string `arg:"" help:"As listed."`
}

// Run asks for a retry.
func (c *deadRetryCommand) Run(ctx context.Context) error {
	return ask(ctx, c.stores, c.Timeout, watcher.Act{Act: "retry-dead", From: c.Position})
}

func ask(ctx context.Context, where stores, timeout time.Duration, act watcher.Act) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	act.By = "somebody"
	if who, err := user.Current(); err == nil {
		act.By = who.Username
	}
	return withDB(where, func(db *mongo.Database) error {
		done, err := watcher.Ask(ctx, db, act)
		if err != nil {
			return err
		}
		fmt.Println(done.Act + ": " + done.Result)
		return nil
	})
}

type statusCommand struct {
	stores `embed:""`
}

// Run shows what Redis and MongoDB know of the pipeline, each also where the other is away; an
// instance's own figures are at /readyz.
func (c *statusCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	return errors.Join(c.redis(ctx, w), c.mongo(ctx, w), w.Flush())
}

func (c *statusCommand) redis(ctx context.Context, w io.Writer) error {
	redis.SetLogger(redisLog{slog.New(slog.DiscardHandler)}) // the error says it
	rdb, err := connectRedis(c.RedisURL)
	if err != nil {
		return err
	}
	defer rdb.Close()
	lease, err := rdb.Get(ctx, c.Prefix+"lease").Result()
	if errors.Is(err, redis.Nil) {
		lease, err = "nobody", nil
	}
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	checkpoint, err := rdb.HGetAll(ctx, c.Prefix+"checkpoint").Result()
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	fmt.Fprintf(w, "lease\t%s\ncheckpoint\t%s\nsaved at\t%s\nreplica set\t%s\n", lease, checkpoint["position"], checkpoint["savedAt"], checkpoint["replicaSetId"])
	return nil
}

func (c *statusCommand) mongo(ctx context.Context, w io.Writer) error {
	return withDB(c.stores, func(db *mongo.Database) error {
		gaps, err := watcher.Gaps(ctx, db)
		if err != nil {
			return fmt.Errorf("MONGO_URI: %w", err)
		}
		dead, err := watcher.DeadChanges(ctx, db)
		if err != nil {
			return fmt.Errorf("MONGO_URI: %w", err)
		}
		fmt.Fprintf(w, "gaps\t%d, %d open\ndead changes\t%d\n", len(gaps), openGaps(gaps), len(dead))
		return nil
	})
}

type healthcheckCommand struct {
	Addr string `env:"ADDR" default:"127.0.0.1:8080" help:"Where the instance listens."`
}

// Run fails unless the instance answers.
func (c *healthcheckCommand) Run(ctx context.Context) error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return fmt.Errorf("ADDR: %w", err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it answered %s", response.Status)
	}
	return nil
}

// kongCommand is the path of the command that was asked for, such as "pipeline pause".
type kongCommand struct{ path string }

func (c *kongCommand) last() string {
	words := strings.Fields(c.path)
	return words[len(words)-1]
}
