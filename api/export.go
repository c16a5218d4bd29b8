package api

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
	"grapevine/transfer"
)

// Limits of exports. Each holds a connection and a page of contacts until its client has read everything.
const (
	maxExports          = 32
	maxExportsPerClient = 4
	exportBuffer        = 256 << 10   // bytes that the kernel keeps for the client
	exportPatience      = time.Minute // for a failover of MongoDB in the middle of a file
)

// exportContacts streams every contact that the filters leave as a file, as of the answer's Position. It bypasses the
// cache, because an export is rarely read twice.
func (s *Server) exportContacts(c *fiber.Ctx) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	raw := queryString(c)
	params, err := parseParams(raw, exportParams)
	if err != nil {
		return err
	}
	q, err := parseQuery(workspace, raw, exportParams)
	if err != nil {
		return err
	}
	format, known := transfer.Formats[params.get("format")]
	if !known {
		return badRequest("The parameter format is " + strings.Join(slices.Sorted(maps.Keys(transfer.Formats)), ", ") + ".")
	}
	minimum, err := minPosition(c)
	if err != nil {
		return err
	}
	export, err := s.cfg.Contacts.StartExport(c.UserContext(), minimum)
	if err != nil {
		return err
	}
	at := export.Moment
	if at.Time == minimum.Time && at.Before(minimum) {
		at = minimum // the Position of an import is the last one of its time
	}
	if c.Method() == fiber.MethodHead {
		setExportHeaders(c, format, workspace, at)
		return nil
	}
	client := s.ClientAddr(c)
	if !s.exports.Take(client, 1) {
		return &grapevine.Error{Code: grapevine.TooMany, Message: "Too many exports are running.", RetryAfter: 5 * time.Second}
	}
	edge.LimitWriteBuffer(c.Context().Conn(), exportBuffer)
	e := &exportReader{
		next: func(timeout time.Duration) ([]grapevine.Contact, bool, error) {
			// The request's context ends before the stream. Each page has its own time, so the client may take
			// its own.
			ctx, cancel := context.WithTimeout(context.Background(), timeout)
			defer cancel()
			contacts, err := s.cfg.Contacts.ExportPage(ctx, q, &export)
			return contacts, export.End, err
		},
		write: format.Write,
		done:  func() { s.exports.Return(client, 1) },
	}
	e.buffer.WriteString(format.Head)
	if err := e.fill(s.cfg.Timeout); err != nil { // before the headers, so that an error can still be a status
		e.done()
		return err
	}
	setExportHeaders(c, format, workspace, at)
	c.Context().SetBodyStream(e, -1)
	return nil
}

func setExportHeaders(c *fiber.Ctx, f transfer.Format, workspace string, at grapevine.Position) {
	c.Response().Header.SetContentType(f.MediaType)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="contacts-`+workspace+"."+f.Suffix+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(headerPosition, at.String())
}

// exportReader is the body of an export. It reads one page of contacts at a time. An error closes the connection, so
// that no client mistakes a part of the file for the whole file.
type exportReader struct {
	next   func(timeout time.Duration) (contacts []grapevine.Contact, end bool, err error)
	write  func(io.Writer, *grapevine.Contact) error
	done   func()
	buffer bytes.Buffer
	end    bool // there are no more pages
}

func (e *exportReader) fill(timeout time.Duration) error {
	contacts, end, err := e.next(timeout)
	if err != nil {
		return err
	}
	e.end = end
	for i := range contacts {
		if err := e.write(&e.buffer, &contacts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (e *exportReader) Read(p []byte) (int, error) {
	for e.buffer.Len() == 0 {
		if e.end {
			return 0, io.EOF
		}
		if err := e.fill(exportPatience); err != nil {
			return 0, err
		}
	}
	return e.buffer.Read(p)
}

// Close ends the export. fasthttp calls it however the answer ended.
func (e *exportReader) Close() error {
	e.done()
	return nil
}
