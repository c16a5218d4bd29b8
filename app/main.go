// Command grapevine is a shared contact list whose cache, live screens and background jobs all follow
// from MongoDB's change stream.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are what the program can be asked to do.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Run this instance: the production start."`
	Dev         devCommand         `cmd:"" help:"Run everything on this machine: MongoDB and Redis, unless others are named, sample contacts and this instance."`
	Seed        seedCommand        `cmd:"" help:"Add realistic sample contacts."`
	Gaps        gapsCommand        `cmd:"" help:"List the stretches of history that were lost and healed."`
	Pipeline    pipelineCommand    `cmd:"" help:"Look at the pipeline and steer it."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running instance whether it lives; for container health checks."`
}

func main() {
	var cli commands
	parsed := kong.Parse(&cli,
		kong.Name("grapevine"),
		kong.Description("A shared contact list in which MongoDB is the only thing anyone writes to."),
		flagDefaults,
		kong.ShortUsageOnError(), // the whole of it would bury the error
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	// A second Ctrl-C changes nothing: what was started is always stopped, and stopping is bounded.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(&kongCommand{parsed.Command()})
	err := parsed.Run()
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "grapevine:", err)
		os.Exit(1)
	}
}
