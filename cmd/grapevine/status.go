package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/app"
	"grapevine/watcher"
)

// makeRunHint follows the error of a server that does not answer.
const makeRunHint = "(if make run started %s, set %s to the address that it printed)"

type statusCommand struct {
	app.Connections `embed:""`
}

// Run prints what Redis and MongoDB know about the pipeline. Each part is printed even if the other
// server is down. Figures of one instance are at its /readyz.
func (c *statusCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	return errors.Join(c.printRedis(ctx, w), c.printMongo(ctx, w), w.Flush())
}

func (c *statusCommand) printRedis(ctx context.Context, w io.Writer) error {
	rdb, err := c.OpenRedis()
	if err != nil {
		return err
	}
	defer rdb.Close()
	status, err := watcher.ReadStatus(ctx, rdb, c.KeyPrefix())
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w "+makeRunHint, err, "Redis", "REDIS_URL")
	}
	fmt.Fprintf(w, "lease\t%s\ncheckpoint\t%s\nsaved at\t%s\nreplica set\t%s\n", cmp.Or(status.Lease, "nobody"), status.Position, status.SavedAt, status.ReplicaSet)
	return nil
}

func (c *statusCommand) printMongo(ctx context.Context, w io.Writer) error {
	return c.WithDatabase(func(db *mongo.Database) error {
		gaps, err := watcher.Gaps(ctx, db)
		if err != nil {
			return fmt.Errorf("MONGO_URI: %w "+makeRunHint, err, "MongoDB", "MONGO_URI")
		}
		dead, err := watcher.DeadLetters(ctx, db)
		if err != nil {
			return fmt.Errorf("MONGO_URI: %w", err)
		}
		open := 0
		for _, gap := range gaps {
			if gap.State == watcher.GapOpen {
				open++
			}
		}
		fmt.Fprintf(w, "gaps\t%d, %d open\ndead changes\t%d\n", len(gaps), open, len(dead))
		return nil
	})
}
