package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/app"
	"grapevine/dataversion"
	"grapevine/imports"
	"grapevine/internal/retry"
	"grapevine/store"
)

const (
	importPoll = 500 * time.Millisecond
	maxShown   = 20 // skipped rows and notes
)

// errRowsSkipped says that an import is done, and left rows out.
var errRowsSkipped = errors.New("some rows were skipped")

type importCommand struct {
	app.Connections `embed:""`
	File            string   `arg:"" type:"existingfile" help:"File with contacts: vCard, CSV, TSV or JSON lines. Its bytes decide what it is."`
	Workspace       string   `default:"default" help:"Workspace of the contacts."`
	DryRun          bool     `help:"Only say what an import would do."`
	OnMatch         string   `default:"skip" enum:"skip,update,add" help:"What happens to a row whose contact is there already: skip leaves it as it is, update gives it the values of the row, add makes one more."`
	Columns         []string `placeholder:"FIELD,…" help:"Fields of a table's columns by place, such as firstName,,emails.work. Empty means: left out."`
	Encoding        string   `placeholder:"NAME" help:"Encoding of the file, such as windows-1252. Empty means: guess."`
	Welcome         bool     `help:"Welcome the created contacts by mail."`
}

// Run writes to MongoDB only. A running instance with the role worker does the import.
func (c *importCommand) Run(ctx context.Context) error {
	if !grapevine.ValidWorkspace(c.Workspace) {
		return fmt.Errorf("--workspace: %q is not a workspace: lower-case letters, digits and hyphens, at most 63", c.Workspace)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("FILE: %w", err)
	}
	defer func() { _ = file.Close() }()
	request := imports.Request{
		Workspace: c.Workspace, Body: file,
		Options: imports.Options{OnMatch: imports.OnMatch(c.OnMatch), Columns: c.Columns, Encoding: c.Encoding, Welcome: c.Welcome},
	}
	return c.WithDatabase(func(db *mongo.Database) error {
		if err := dataversion.Check(ctx, db); err != nil {
			return err
		}
		service := &imports.Service{Storage: imports.NewStorage(db), Contacts: store.New(db, store.Config{Clock: &grapevine.Clock{}})}
		report, err := importFile(ctx, service, request, c.DryRun, os.Stderr)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		return printReport(os.Stdout, report)
	})
}

// importFile starts an import, shows its progress and returns what it did.
func importFile(ctx context.Context, service *imports.Service, request imports.Request, dryRun bool, progress io.Writer) (imports.Report, error) {
	if dryRun {
		preview, err := service.Preview(ctx, request)
		if preview.Message != "" {
			fmt.Fprintln(progress, preview.Message)
		}
		return preview.Report, err
	}
	started, err := service.Start(ctx, request)
	if err != nil {
		return started.Report, err
	}
	fmt.Fprintf(progress, "import %s: a running instance with the role worker does it; this command may be stopped\n", started.ID)
	for !started.State.Ended() {
		if err := retry.Sleep(ctx, importPoll); err != nil {
			return started.Report, fmt.Errorf("the import goes on without this command: %w", err)
		}
		if started, err = service.Get(ctx, request.Workspace, started.ID); err != nil {
			return started.Report, err
		}
		fmt.Fprintf(progress, "\r%s: %d rows", started.State, started.Read)
	}
	fmt.Fprintln(progress)
	if started.State == imports.Failed {
		return started.Report, errors.New(started.Message)
	}
	return started.Report, nil
}

// printReport fails if rows were skipped.
func printReport(to io.Writer, r imports.Report) error {
	fmt.Fprintf(to, "%d rows read: %d created, %d updated, %d unchanged\n", r.Read, r.Created, r.Updated, r.Unchanged)
	for _, row := range r.Skipped[:min(len(r.Skipped), maxShown)] {
		fmt.Fprintf(to, "line %d skipped: %s\n", row.Line, row.Reason)
	}
	for _, n := range r.Notes[:min(len(r.Notes), maxShown)] {
		fmt.Fprintf(to, "line %d: %s: %s\n", n.Line, cmp.Or(n.Field, "row"), n.Note)
	}
	if more := r.More + max(0, len(r.Skipped)-maxShown) + max(0, len(r.Notes)-maxShown); more > 0 {
		fmt.Fprintf(to, "and %d more\n", more)
	}
	if len(r.Skipped) > 0 {
		return errRowsSkipped
	}
	return nil
}
