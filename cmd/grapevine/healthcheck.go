package main

import (
	"context"

	"grapevine/app"
)

type healthcheckCommand struct {
	Addr string `env:"ADDR" default:"127.0.0.1:8080" help:"Address of the instance."`
}

// Run fails unless the instance answers.
func (c *healthcheckCommand) Run(ctx context.Context) error {
	return app.Healthcheck(ctx, c.Addr)
}
