package main

import (
	"context"
	"fmt"
	"os/user"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/app"
	"grapevine/watcher"
)

type pipelineCommand struct {
	Status    statusCommand    `cmd:"" help:"Show the lease holder, the checkpoint, gaps and dead changes."`
	Pause     pauseCommand     `cmd:"" help:"Stop applying changes. They wait in MongoDB's oplog, and the lease is kept."`
	Resume    resumeCommand    `cmd:"" help:"Go on from the checkpoint."`
	Reconcile reconcileCommand `cmd:"" help:"Empty the cache, make every client read again, and enqueue the missing jobs."`
	Replay    replayCommand    `cmd:"" help:"Apply an effect again to all changes since a position."`
	Dead      deadCommand      `cmd:"" help:"List or retry the changes that could not be applied."`
}

// watcherCommand is what every command for the watcher has: it is submitted in MongoDB, and the lease holder runs it.
type watcherCommand struct {
	app.Connections `embed:""`
	Timeout         time.Duration `default:"30s" help:"How long to wait for the lease holder."`
}

func (s *watcherCommand) submit(ctx context.Context, command watcher.Command) error {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	command.RequestedBy = "unknown user"
	if who, err := user.Current(); err == nil {
		command.RequestedBy = who.Username
	}
	return s.WithDatabase(func(db *mongo.Database) error {
		done, err := watcher.Submit(ctx, db, command)
		if err != nil {
			return err
		}
		fmt.Println(done.Name + ": " + done.Result)
		return nil
	})
}

type pauseCommand struct {
	watcherCommand `embed:""`
}

// Run pauses the watcher.
func (c *pauseCommand) Run(ctx context.Context) error {
	return c.submit(ctx, watcher.Command{Name: watcher.CommandPause})
}

type resumeCommand struct {
	watcherCommand `embed:""`
}

// Run resumes the watcher.
func (c *resumeCommand) Run(ctx context.Context) error {
	return c.submit(ctx, watcher.Command{Name: watcher.CommandResume})
}

type reconcileCommand struct {
	watcherCommand `embed:""`
}

// Run starts a reconcile and waits for its end.
func (c *reconcileCommand) Run(ctx context.Context) error {
	return c.submit(ctx, watcher.Command{Name: watcher.CommandReconcile})
}

type replayCommand struct {
	watcherCommand `embed:""`
	From           string   `required:"" help:"Position to start from, such as the Position header of a write's response."`
	Effects        []string `required:"" help:"jobs or cache. Events cannot be replayed: each is broadcast once."`
}

// Run replays effects.
func (c *replayCommand) Run(ctx context.Context) error {
	if _, err := grapevine.ParsePosition(c.From); err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	return c.submit(ctx, watcher.Command{Name: watcher.CommandReplay, From: c.From, Effects: c.Effects})
}
