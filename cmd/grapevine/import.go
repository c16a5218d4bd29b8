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
	importPoll     = 500 * time.Millisecond
	workerPatience = 10 * time.Second // until the command says that no worker has begun
	maxShown       = 20               // skipped rows and notes
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
		return argumentError{fmt.Errorf("--workspace: %q is not a workspace: lower-case letters, digits and hyphens, at most 63", c.Workspace)}
	}
	file, err := os.Open(c.File)
	if err != nil {
		return argumentError{fmt.Errorf("FILE: %w", err)}
	}
	defer func() { _ = file.Close() }()
	size := int64(0)
	request := imports.Request{
		Workspace: c.Workspace, Body: file,
		Options: imports.Options{OnMatch: imports.OnMatch(c.OnMatch), Columns: c.Columns, Encoding: c.Encoding, Welcome: c.Welcome},
	}
	if info, err := file.Stat(); err == nil {
		size = info.Size()
	}
	return c.WithDatabase(func(db *mongo.Database) error {
		if err := dataversion.Check(ctx, db); err != nil {
			return err
		}
		service := &imports.Service{Storage: imports.NewStorage(db), Contacts: store.New(db, store.Config{Clock: &grapevine.Clock{}}), Unformed: unknownUnformed}
		return importFile(ctx, service, request, fileImport{size: size, dryRun: c.DryRun, progress: newProgress(os.Stderr), report: os.Stdout})
	})
}

// unknownUnformed is for a preview: Redis, which this command does not need, has the number.
func unknownUnformed(context.Context) (int64, error) { return 0, nil }

// fileImport says what is known of a file, and where its import is shown.
type fileImport struct {
	size     int64
	dryRun   bool
	progress *progress
	report   io.Writer
}

// importFile imports a file, and shows its progress and what it did. It fails if rows were skipped.
func importFile(ctx context.Context, service importService, request imports.Request, f fileImport) error {
	request.Body = &shownFile{Reader: request.Body, size: f.size, progress: f.progress}
	var report imports.Report
	if f.dryRun {
		preview, err := service.Preview(ctx, request)
		if err != nil {
			return importError(ctx, err)
		}
		if preview.Message != "" {
			f.progress.say(preview.Message)
		}
		report = preview.Report
	} else {
		started, err := service.Start(ctx, request)
		if err != nil {
			return importError(ctx, err)
		}
		f.progress.say("import " + started.ID + ": a running instance with the role worker does it")
		ended, err := followImport(ctx, service, started, f.progress)
		if err != nil {
			return importError(ctx, err)
		}
		if report = ended.Report; ended.State == imports.Failed {
			f.progress.endLine()
			_ = printReport(f.report, report) // the failure counts more than skipped rows
			return errors.New("import: " + ended.Message)
		}
	}
	f.progress.endLine()
	return printReport(f.report, report)
}

// importService is what the command needs of imports.
type importService interface {
	Start(ctx context.Context, r imports.Request) (imports.Import, error)
	Get(ctx context.Context, workspace, id string) (imports.Import, error)
	Preview(ctx context.Context, r imports.Request) (imports.Preview, error)
}

// importError sorts the errors of an import by the exit code of the command.
func importError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("import: %w; an import that has begun goes on without this command", errStopped)
	case grapevine.ErrorCode(err) == grapevine.BadRequest:
		return argumentError{fmt.Errorf("import: %w", err)}
	}
	return fmt.Errorf("import: %w", err)
}

// followImport shows an import until it has ended. MongoDB may be away meanwhile.
func followImport(ctx context.Context, service importService, i imports.Import, p *progress) (imports.Import, error) {
	began, said := time.Now(), ""
	say := func(line string) {
		if line != said {
			p.say(line)
			said = line
		}
	}
	for !i.State.Ended() {
		if err := retry.Sleep(ctx, importPoll); err != nil {
			return i, err
		}
		found, err := service.Get(ctx, i.Workspace, i.ID)
		switch {
		case err == nil:
			i = found
		case grapevine.ErrorCode(err) != grapevine.Unavailable:
			return i, err
		}
		switch {
		case err != nil:
			say("MongoDB does not answer at present. This command asks again; the import goes on by itself.")
		case i.Message != "" && !i.State.Ended():
			say(i.Message)
		case i.State == imports.Waiting && time.Since(began) > workerPatience:
			say("No worker has begun the import yet. It needs a running instance with the roles watcher and worker, and a pipeline that is not paused: see grapevine pipeline status. An import that waits for a day fails.")
		default:
			p.show(i.Offset, i.Size, fmt.Sprintf("%s, %d rows", i.State, i.Read))
		}
	}
	return i, nil
}

// shownFile shows how much of a file was sent.
type shownFile struct {
	io.Reader
	sent, size int64
	progress   *progress
}

func (f *shownFile) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	f.sent += int64(n)
	f.progress.show(f.sent, f.size, megabytes(f.sent)+" sent")
	return n, err
}

// printReport fails if rows were skipped.
func printReport(to io.Writer, r imports.Report) error {
	fmt.Fprintf(to, "Rows read: %d; created: %d, updated: %d, unchanged: %d\n", r.Read, r.Created, r.Updated, r.Unchanged)
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
