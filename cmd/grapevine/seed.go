package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/app"
	"grapevine/dataversion"
	"grapevine/seed"
	"grapevine/store"
)

// maxSamples bounds --contacts.
const maxSamples = 10_000_000

type seedCommand struct {
	app.Connections `embed:""`
	Contacts        int    `default:"1000" help:"Number of contacts to add."`
	Workspace       string `default:"default" help:"Workspace of the contacts."`
	Seed            uint64 `default:"1" help:"Seed of the random generator. The same seed makes the same people."`
}

// Run writes to MongoDB only. The cache, screens and jobs follow its change stream.
func (c *seedCommand) Run(ctx context.Context) error {
	if c.Contacts < 1 || c.Contacts > maxSamples {
		return fmt.Errorf("--contacts: %d is not between 1 and %d", c.Contacts, maxSamples)
	}
	if !grapevine.ValidWorkspace(c.Workspace) {
		return fmt.Errorf("--workspace: %q is not a workspace: lower-case letters, digits and hyphens, at most 63", c.Workspace)
	}
	return c.WithDatabase(func(db *mongo.Database) error {
		return addSamples(ctx, db, c.Workspace, c.Contacts, c.Seed, os.Stderr)
	})
}

// addSamples adds n sample contacts and shows its progress. It creates missing collections first.
func addSamples(ctx context.Context, db *mongo.Database, workspace string, n int, random uint64, progress io.Writer) error {
	if err := dataversion.Check(ctx, db); err != nil {
		return err
	}
	s := store.New(db, store.Config{Clock: &grapevine.Clock{}})
	if err := s.Prepare(ctx); err != nil {
		return fmt.Errorf("MONGO_URI: %w", err)
	}
	show := func(done int) { fmt.Fprintf(progress, "\rsample contacts: %d of %d (%d %%)", done, n, 100*done/n) }
	if err := seed.Fill(ctx, s, seed.Samples{Workspace: workspace, Seed: random, Count: n}, show); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	fmt.Fprintln(progress)
	return nil
}
