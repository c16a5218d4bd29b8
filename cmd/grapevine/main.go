// Command grapevine is a shared contact list. Its cache, live screens and background jobs all follow
// MongoDB's change stream.
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

// commands are the subcommands of the program; each has a file of its name.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Run one instance, for production."`
	Dev         devCommand         `cmd:"" help:"Run everything on this machine: MongoDB, Redis, sample contacts and one instance. It does not start a server whose address you set."`
	Seed        seedCommand        `cmd:"" help:"Add realistic sample contacts."`
	Gaps        gapsCommand        `cmd:"" help:"List the gaps: times when changes were lost and then healed by a full scan."`
	Pipeline    pipelineCommand    `cmd:"" help:"Inspect and control the pipeline."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running instance whether it answers. For container health checks."`
}

func main() {
	var cli commands
	parsed := kong.Parse(&cli,
		kong.Name("grapevine"),
		kong.Description("A shared contact list in which MongoDB is the only thing anyone writes to."),
		defaults,
		kong.ShortUsageOnError(), // the full usage would hide the error
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	// A second Ctrl-C does not interrupt the shutdown: it is bounded, and it stops the servers that `dev` started.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	parsed.BindTo(ctx, (*context.Context)(nil))
	err := parsed.Run()
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "grapevine:", err)
		os.Exit(1)
	}
}
