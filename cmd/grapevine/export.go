package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/app"
	"grapevine/dataversion"
	"grapevine/store"
	"grapevine/transfer"
)

const countTimeout = 5 * time.Second

type exportCommand struct {
	app.Connections `embed:""`
	Format          string   `default:"vcard" enum:"csv,ndjson,vcard,vcard4" help:"Format of the file: vcard (3.0, which every address book reads), vcard4, csv (with the titles of Google Contacts) or ndjson. An import of each gives equal contacts."`
	Workspace       string   `default:"default" help:"Workspace of the contacts."`
	Filter          []string `sep:"none" placeholder:"NAME=VALUE" help:"Only the contacts that a filter of lists keeps, such as tag=vip or without=email. May be repeated; all must fit. The names are those of GET /contacts."`
	Output          string   `short:"o" placeholder:"FILE" help:"File to write; it must not exist yet. Without it the contacts go to the standard output."`
}

// Run reads MongoDB only, as of one moment while MongoDB keeps it.
func (c *exportCommand) Run(ctx context.Context) error {
	if !grapevine.ValidWorkspace(c.Workspace) {
		return argumentError{fmt.Errorf("--workspace: %q is not a workspace: lower-case letters, digits and hyphens, at most 63", c.Workspace)}
	}
	query, err := c.query()
	if err != nil {
		return err
	}
	return c.WithDatabase(func(db *mongo.Database) error {
		if err := dataversion.Check(ctx, db); err != nil {
			return err
		}
		e := export{
			store: store.New(db, store.Config{Clock: &grapevine.Clock{}}), query: query, format: transfer.Formats[c.Format], progress: newProgress(os.Stderr),
		}
		if len(c.Filter) == 0 {
			e.total = countContacts(ctx, db, c.Workspace)
		}
		if c.Output == "" {
			return e.writeTo(ctx, os.Stdout)
		}
		return c.toFile(func(file io.Writer) error { return e.writeTo(ctx, file) })
	})
}

// query reads the filters.
func (c *exportCommand) query() (grapevine.Query, error) {
	q := grapevine.Query{Workspace: c.Workspace}
	for _, given := range c.Filter {
		name, value, _ := strings.Cut(given, "=")
		i := slices.IndexFunc(grapevine.QueryFilters, func(f grapevine.Filter) bool { return f.Name == name })
		if i < 0 {
			return q, argumentError{fmt.Errorf("--filter: %q is no filter: use NAME=VALUE with one of %s", name, strings.Join(grapevine.FilterNames(), ", "))}
		}
		f := grapevine.QueryFilters[i]
		if !f.Several && len(f.Values(&q)) > 0 {
			return q, argumentError{fmt.Errorf("--filter: %s is given twice", name)}
		}
		if value == "" || utf8.RuneCountInString(value) > grapevine.MaxFilterLength || !f.Set(&q, value) {
			return q, argumentError{fmt.Errorf("--filter: %s=%.40s cannot be used: it must be %s", name, value, cmp.Or(f.Wants, "a text of 1 to 200 characters"))}
		}
	}
	return q, nil
}

// countContacts is for the progress only; zero if it is unknown.
func countContacts(ctx context.Context, db *mongo.Database, workspace string) int64 {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	n, err := db.Collection(grapevine.CollectionContacts).CountDocuments(ctx, bson.D{{Key: "workspace", Value: workspace}})
	if err != nil {
		return 0
	}
	return n
}

// toFile creates the file, and removes it if it is not complete.
func (c *exportCommand) toFile(write func(io.Writer) error) error {
	file, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // contacts are private
	if err != nil {
		return argumentError{fmt.Errorf("--output: %w", err)}
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return errors.Join(err, os.Remove(c.Output))
	}
	return nil
}

// export writes contacts, and shows its progress.
type export struct {
	store    *store.Store
	query    grapevine.Query
	format   transfer.Format
	total    int64 // contacts; zero if unknown
	progress *progress
}

func (e *export) writeTo(ctx context.Context, to io.Writer) error {
	out := bufio.NewWriter(to)
	position, err := e.store.StartExport(ctx, grapevine.Position{})
	if err != nil {
		return exportError(ctx, err)
	}
	asOf, n := position.Moment, int64(0)
	_, err = out.WriteString(e.format.Head)
	for err == nil && !position.End {
		var contacts []grapevine.Contact
		contacts, err = e.store.ExportPage(ctx, e.query, &position)
		for i := range contacts {
			err = errors.Join(err, e.format.Write(out, &contacts[i]))
		}
		n += int64(len(contacts))
		e.progress.show(n, e.total, fmt.Sprintf("%d contacts", n))
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		e.progress.endLine()
		return exportError(ctx, err)
	}
	e.progress.say(fmt.Sprintf("%d contacts exported", n))
	if asOf != position.Moment {
		e.progress.say("The export took longer than MongoDB keeps the state of a moment: contacts that changed meanwhile may be as they were later.")
	}
	return nil
}

func exportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = errStopped
	}
	return fmt.Errorf("export: %w", err)
}
