package main

import (
	"context"
	"os"

	"grapevine/app"
)

type serveCommand struct {
	settings `embed:""`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context) error {
	instance, err := app.New(c.Config, c.logger(os.Stderr))
	if err != nil {
		return err
	}
	return instance.Run(ctx)
}
