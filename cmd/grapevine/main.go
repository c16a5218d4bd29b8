// Command grapevine is a shared contact list. Its cache, live screens and background jobs all follow
// MongoDB's change stream.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/alecthomas/kong"

	"grapevine/dataversion"
	"grapevine/internal/mongox"
	"grapevine/internal/redact"
)

// commands are the subcommands of the program; each has a file of its name.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Run one instance, for production."`
	Dev         devCommand         `cmd:"" help:"Run everything on this machine: MongoDB, Redis, sample contacts and one instance. It does not start a server whose address you set."`
	Seed        seedCommand        `cmd:"" help:"Add realistic sample contacts."`
	Export      exportCommand      `cmd:"" help:"Write all contacts of a workspace to a file."`
	Import      importCommand      `cmd:"" help:"Import the contacts of a file. A running instance does it, and this command shows how far it is."`
	Prepare     prepareCommand     `cmd:"" help:"Create or correct the collections and indexes in MongoDB, and say what was done. For an administrator, where the instances lack the rights."`
	Gaps        gapsCommand        `cmd:"" help:"List the gaps: times when changes were lost and then healed by a full scan."`
	Pipeline    pipelineCommand    `cmd:"" help:"Inspect and control the pipeline."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running instance whether it answers. For container health checks."`
}

// Exit codes of every command.
const (
	exitFailed     = 1
	exitBadSetting = 2
	exitNewerData  = 3 // a supervisor need not start it again
	exitIncomplete = 4 // an import is done, and rows were skipped
	exitStopped    = 5 // a signal ended the command before it was done
)

// errStopped says that a signal ended a command before it was done. An instance that a signal ends is done.
var errStopped = errors.New("stopped before the end")

// argumentError is an argument that cannot be used.
type argumentError struct{ error }

const description = "A shared contact list in which MongoDB is the only thing anyone writes to.\n\n" + settingsHelp

const settingsHelp = `Each setting is a flag and an environment variable; the flag counts more. Blanks around a value are removed, and an empty variable counts as not set. A secret can be in a file: MONGO_URI_FILE, REDIS_URL_FILE and SMTP_URL_FILE hold the name of one. A duration has a unit, such as 90s, 5m or 1h.

Exit codes: 0 stopped or done, 1 failed, 2 a setting or an argument cannot be used, 3 a newer Grapevine has migrated the data, 4 an import is done and rows were skipped, 5 import or export was stopped by a signal before its end.`

func main() {
	parsed, err := parseCommandLine(newParser(&commands{}), os.Args[1:])
	if err != nil {
		printUsageError(os.Stderr, err)
		os.Exit(exitBadSetting)
	}
	signals := watchStopSignals()
	parsed.BindTo(signals.first, (*context.Context)(nil))
	parsed.Bind(signals)
	err = parsed.Run()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "grapevine:", mongox.Text(err))
		os.Exit(exitStatus(err))
	}
}

func exitStatus(err error) int {
	if _, ok := errors.AsType[*dataversion.NewerError](err); ok {
		return exitNewerData
	}
	switch {
	case errors.As(err, new(argumentError)):
		return exitBadSetting
	case errors.Is(err, errRowsSkipped):
		return exitIncomplete
	case errors.Is(err, errStopped):
		return exitStopped
	}
	return exitFailed
}

// newParser makes the parser of the command line. It panics if the tags of the settings are wrong.
func newParser(cli *commands, options ...kong.Option) *kong.Kong {
	return kong.Must(cli, append(options,
		kong.Name("grapevine"), kong.Description(description), defaults,
		kong.ValueFormatter(describe),
		kong.TypeMapper(durationType, kong.MapperFunc(decodeDuration)), kong.TypeMapper(levelType, kong.MapperFunc(decodeLevel)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))...)
}

// parseCommandLine reads the arguments and the environment.
func parseCommandLine(parser *kong.Kong, args []string) (*kong.Context, error) {
	files, err := cleanEnvironment(settingsOf(parser.Model))
	if err != nil {
		return nil, err
	}
	if err := kong.Resolvers(files).Apply(parser); err != nil {
		return nil, err
	}
	if args, err = cleanArguments(args); err != nil {
		return nil, err
	}
	return parser.Parse(args)
}

// printUsageError prints what cannot be used, and where to read more. kong quotes arguments that it does not expect:
// an address among them may hold a password.
func printUsageError(to io.Writer, err error) {
	text := anyURI.ReplaceAllStringFunc(err.Error(), func(uri string) string { return redact.URI(uri).String() })
	fmt.Fprintln(to, "grapevine:", text)
	help := "grapevine --help"
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context.Selected() != nil {
		help = parse.Context.Selected().FullPath() + " --help"
	}
	fmt.Fprintf(to, "%s lists what can be set.\n", help)
}

var anyURI = regexp.MustCompile(`[a-z][a-z0-9+.-]*://.*@.*`)
