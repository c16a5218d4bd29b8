package imports

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/transfer"
	"grapevine/transfer/tables"
)

const (
	previewContacts = 20
	// previewMemory is how much of a file a preview keeps in memory. A larger file is kept in MongoDB meanwhile.
	previewMemory = 4 << 20
	// previewTime bounds the reading of a file. The preview is then one of its beginning.
	previewTime = 20 * time.Second
)

// Preview is what an import of a file would do, if nothing else changes.
type Preview struct {
	Report
	Size     int64               `json:"size"`
	Message  string              `json:"message,omitempty"` // why it is not of the whole file
	Contacts []grapevine.Contact `json:"contacts"`          // the first, as they would be
	Columns  []tables.Column     `json:"columns,omitempty"` // of a table
}

// Service is what the API needs of imports.
type Service struct {
	*Storage
	Contacts Contacts
	Unformed Unformed
}

// Preview reads a file and writes no contact and no import. If its process is killed, the [Keeper] deletes the file.
func (s *Service) Preview(ctx context.Context, r Request) (Preview, error) {
	start, err := io.ReadAll(io.LimitReader(r.Body, previewMemory))
	if err != nil {
		return Preview{}, err
	}
	if len(start) < previewMemory {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(start)), nil }
		return s.preview(ctx, r, int64(len(start)), open)
	}
	file := bson.NewObjectID()
	defer s.discard(ctx, file)
	size, err := s.upload(ctx, file, io.MultiReader(bytes.NewReader(start), r.Body))
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, r, size, func() (io.ReadCloser, error) { return s.open(ctx, file) })
}

func (s *Service) preview(ctx context.Context, r Request, size int64, open func() (io.ReadCloser, error)) (Preview, error) {
	limited, cancel := context.WithTimeout(ctx, previewTime)
	defer cancel()
	p := Preview{Report: newReport(), Size: size, Contacts: []grapevine.Contact{}}
	file, err := transfer.Open(endedBy(limited, open), r.Options.forFile(r.Workspace))
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		p.Message = fmt.Sprintf("The file is too large to be looked at within %s. An import reads all of it.", previewTime)
		return p, nil
	}
	if err != nil {
		return Preview{}, err
	}
	defer func() { _ = file.Close() }()
	p.Format, p.Encoding, p.Columns = file.Format, file.Encoding, file.Columns
	decide := planner{id: bson.NewObjectID(), created: time.Now(), onMatch: r.Options.OnMatch}
	for {
		rows, err := nextRows(limited, file)
		if err != nil && limited.Err() != nil && ctx.Err() == nil {
			p.Message = fmt.Sprintf("The file is large. This is what the import of its first %d rows would do.", p.Read)
			return p, nil
		}
		if err != nil || len(rows) == 0 {
			return p, err
		}
		if p.Message == "" && needsNames(r.Options.OnMatch, rows) {
			if n, err := s.Unformed(ctx); err == nil && n > 0 {
				p.Message = formingPreviewMessage
			}
		}
		if err := resolveOrganizations(ctx, s.Contacts, r.Workspace, rows); err != nil {
			return p, err
		}
		known, err := findMatches(ctx, s.Contacts, r.Workspace, r.Options.OnMatch, contacts(rows))
		if err != nil {
			return p, err
		}
		for i := range rows {
			if rows[i].Skipped == "" && len(p.Contacts) < previewContacts {
				p.Contacts = append(p.Contacts, rows[i].Contact)
			}
		}
		todo := decide.plan(rows, p.Read, known, &p.Report)
		p.Created += len(todo.creates)
		p.Updated += len(todo.updates)
	}
}

// endedBy makes each read of a file end with ctx. One row can take the whole file.
func endedBy(ctx context.Context, open func() (io.ReadCloser, error)) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		file, err := open()
		if err != nil {
			return nil, err
		}
		return contextFile{file, ctx}, nil
	}
}

type contextFile struct {
	io.ReadCloser
	ctx context.Context
}

func (f contextFile) Read(p []byte) (int, error) {
	if f.ctx.Err() != nil {
		return 0, context.Cause(f.ctx)
	}
	return f.ReadCloser.Read(p)
}
