package main

import (
	"context"
	"fmt"
	"os"

	"grapevine/app"
)

type prepareCommand struct {
	app.Connections `embed:""`
}

// Run prepares the database with the rights of MONGO_URI's user.
func (c *prepareCommand) Run(ctx context.Context) error {
	done, err := c.Prepare(ctx)
	for _, line := range done {
		fmt.Fprintln(os.Stdout, line)
	}
	return err
}
