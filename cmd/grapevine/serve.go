package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"grapevine/app"
)

// quitAfter is how long an ordered stop may go on after a second signal.
const quitAfter = time.Second

type serveCommand struct {
	settings `embed:""`
}

// Help ends the help of the command.
func (c *serveCommand) Help() string { return settingsHelp }

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, signals stopSignals) error {
	instance, err := app.Open(ctx, c.Config, c.logger(os.Stderr))
	if err != nil {
		return err
	}
	context.AfterFunc(signals.hurry, instance.EndDrain)
	context.AfterFunc(signals.second, func() {
		time.AfterFunc(quitAfter, func() {
			fmt.Fprintln(os.Stderr, "grapevine: a second signal ended the program before it had stopped everything; another instance takes over within seconds, and nothing is lost")
			os.Exit(exitFailed)
		})
	})
	return instance.Run(ctx)
}
