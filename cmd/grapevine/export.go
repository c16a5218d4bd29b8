package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/app"
	"grapevine/dataversion"
	"grapevine/store"
	"grapevine/transfer"
)

type exportCommand struct {
	app.Connections `embed:""`
	Format          string `default:"vcard" enum:"csv,ndjson,vcard,vcard4" help:"Format of the file: vcard (3.0, which every address book reads), vcard4, csv (with the titles of Google Contacts) or ndjson. An import of each gives equal contacts."`
	Workspace       string `default:"default" help:"Workspace of the contacts."`
	Output          string `short:"o" placeholder:"FILE" help:"File to write; it must not exist yet. Without it the contacts go to the standard output."`
}

// Run reads MongoDB only, as of one moment while MongoDB keeps it.
func (c *exportCommand) Run(ctx context.Context) error {
	if !grapevine.ValidWorkspace(c.Workspace) {
		return fmt.Errorf("--workspace: %q is not a workspace: lower-case letters, digits and hyphens, at most 63", c.Workspace)
	}
	return c.WithDatabase(func(db *mongo.Database) error {
		if err := dataversion.Check(ctx, db); err != nil {
			return err
		}
		s := store.New(db, store.Config{Clock: &grapevine.Clock{}})
		if c.Output == "" {
			return exportTo(ctx, s, c.Workspace, transfer.Formats[c.Format], os.Stdout, os.Stderr)
		}
		return c.toFile(func(file io.Writer) error {
			return exportTo(ctx, s, c.Workspace, transfer.Formats[c.Format], file, os.Stderr)
		})
	})
}

// toFile creates the file, and removes it if it is not complete.
func (c *exportCommand) toFile(write func(io.Writer) error) error {
	file, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // contacts are private
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return errors.Join(err, os.Remove(c.Output))
	}
	return nil
}

// exportTo writes all contacts of a workspace and shows its progress.
func exportTo(ctx context.Context, s *store.Store, workspace string, format transfer.Format, to, progress io.Writer) error {
	out := bufio.NewWriter(to)
	export, err := s.StartExport(ctx, grapevine.Position{})
	if err != nil {
		return err
	}
	asOf, n := export.Moment, 0
	_, err = out.WriteString(format.Head)
	for err == nil && !export.End {
		var contacts []grapevine.Contact
		contacts, err = s.ExportPage(ctx, grapevine.Query{Workspace: workspace}, &export)
		for i := range contacts {
			err = errors.Join(err, format.Write(out, &contacts[i]))
		}
		n += len(contacts)
		fmt.Fprintf(progress, "\rcontacts: %d", n)
	}
	fmt.Fprintln(progress)
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if asOf != export.Moment {
		fmt.Fprintln(progress, "The export took longer than MongoDB keeps the state of a moment: contacts that changed meanwhile may be as they were later.")
	}
	return nil
}
