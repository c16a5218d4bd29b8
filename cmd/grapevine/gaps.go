package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/app"
	"grapevine/watcher"
)

type gapsCommand struct {
	app.Connections `embed:""`
	JSON            bool `help:"Print JSON."`
}

// Run lists the gaps, newest first.
func (c *gapsCommand) Run(ctx context.Context) error {
	return c.WithDatabase(func(db *mongo.Database) error {
		gaps, err := watcher.Gaps(ctx, db)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(os.Stdout).Encode(gaps)
		}
		if len(gaps) == 0 {
			fmt.Println("no gaps")
			return nil
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "STARTED\tSTATE\tFROM\tTO\tCONTACTS\tTOUCHED\tTOOK\tREASON")
		for _, g := range gaps {
			took := "-"
			if g.FinishedAt != nil {
				took = g.FinishedAt.Sub(g.StartedAt).Round(time.Millisecond).String()
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", g.StartedAt.Local().Format(time.DateTime), g.State, g.From, g.To, g.Seen, g.Backfilled, took, g.Reason)
		}
		return w.Flush()
	})
}
