package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/app"
	"grapevine/watcher"
)

type deadCommand struct {
	List  deadListCommand  `cmd:"" help:"List the changes that could not be applied, newest first."`
	Retry deadRetryCommand `cmd:"" help:"Enqueue the jobs for the contact of a dead change, if the contact can be decoded now."`
}

type deadListCommand struct {
	app.Connections `embed:""`
}

// Run lists dead changes.
func (c *deadListCommand) Run(ctx context.Context) error {
	return c.WithDatabase(func(db *mongo.Database) error {
		dead, err := watcher.DeadLetters(ctx, db)
		if err != nil {
			return err
		}
		if len(dead) == 0 {
			fmt.Println("no dead changes")
			return nil
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
	watcherCommand `embed:""`
	Position       string `arg:"" help:"Position of the change, as 'pipeline dead list' prints it."`
}

// Run retries a dead change.
func (c *deadRetryCommand) Run(ctx context.Context) error {
	return c.submit(ctx, watcher.Command{Name: watcher.CommandRetryDead, From: c.Position})
}
