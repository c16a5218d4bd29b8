package api

import (
	"bytes"
	"context"
	"io"
	"slices"
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
	exportBuffer        = 256 << 10 // bytes that the kernel keeps for the client
)

// exportContacts streams every contact of a list as a file. It bypasses the cache, because an export is
// rarely read twice.
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
	q, err := parseQuery(workspace, raw, slices.Concat(listParams, []string{"format"}))
	if err != nil {
		return err
	}
	q.Limit, q.Whole = grapevine.MaxLimit, true
	format, known := transfer.Formats[params["format"]]
	if !known {
		return badRequest("The parameter format is csv or vcard.")
	}
	minimum, err := minPosition(c)
	if err != nil {
		return err
	}
	plan, err := s.planRead(c.UserContext(), minimum)
	if err != nil {
		return err
	}
	if c.Method() == fiber.MethodHead {
		setExportHeaders(c, format, workspace, plan.position)
		return nil
	}
	client := s.ClientAddr(c)
	if !s.exports.Take(client, 1) {
		return &grapevine.Error{Code: grapevine.TooMany, Message: "Too many exports are running.", RetryAfter: 5 * time.Second}
	}
	edge.LimitWriteBuffer(c.Context().Conn(), exportBuffer)
	e := &exportReader{
		next: func() (grapevine.Page, error) {
			// The request's context ends before the stream. Each page has its own time, so the client may take
			// its own.
			ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Timeout)
			defer cancel()
			page, err := s.cfg.Contacts.List(ctx, q, plan.position)
			if page.Next != nil {
				q.After = *page.Next
			}
			return page, err
		},
		write: format.Write,
		done:  func() { s.exports.Return(client, 1) },
	}
	e.buffer.WriteString(format.Head)
	if err := e.fill(); err != nil { // before the headers, so that an error can still be a status
		e.done()
		return err
	}
	setExportHeaders(c, format, workspace, plan.position)
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
	next   func() (grapevine.Page, error) // reads the next page
	write  func(io.Writer, *grapevine.Contact) error
	done   func()
	buffer bytes.Buffer
	last   bool // the buffer has the last page
}

func (e *exportReader) fill() error {
	page, err := e.next()
	if err != nil {
		return err
	}
	for i := range page.Items {
		if err := e.write(&e.buffer, &page.Items[i].Contact); err != nil {
			return err
		}
	}
	e.last = page.Next == nil
	return nil
}

func (e *exportReader) Read(p []byte) (int, error) {
	for e.buffer.Len() == 0 {
		if e.last {
			return 0, io.EOF
		}
		if err := e.fill(); err != nil {
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
