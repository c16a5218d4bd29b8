package api

import (
	"bytes"
	"context"
	"io"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/transfer"
)

// Bounds of exports: each holds a connection and a page of contacts for as long as its client reads.
const (
	maxExports  = 8
	exportBound = writeTimeout
)

var exportParams = []string{"format", "sort", "company", "tag", "kind", "owner", "prefix"}

// exportContacts streams every contact of a list as a file. It never passes the cache, whose scopes
// are for pages that are read again.
func (s *Server) exportContacts(c *fiber.Ctx) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	raw := string(c.Context().URI().QueryString())
	params, err := parseParams(raw, exportParams)
	if err != nil {
		return err
	}
	q, err := parseQuery(workspace, raw, slices.Concat(listParams, []string{"format"}))
	if err != nil {
		return err
	}
	q.Limit = grapevine.MaxLimit
	format, known := transfer.Formats[params["format"]]
	if !known {
		return badRequest("The parameter format is csv or vcard.")
	}
	least, err := minPosition(c)
	if err != nil {
		return err
	}
	v, err := s.viewFrom(c.UserContext(), least)
	if err != nil {
		return err
	}
	if c.Method() == fiber.MethodHead {
		exportHeaders(c, format, workspace, v)
		return nil
	}
	if s.exports.Add(1) > maxExports {
		s.exports.Add(-1)
		return &grapevine.Error{Code: grapevine.TooMany, Message: "Too many exports are running.", RetryAfter: 5 * time.Second}
	}
	ctx, cancel := context.WithTimeout(context.Background(), exportBound) // the request's ends before the stream does
	e := &export{
		pages: func() (grapevine.Page, error) {
			page, err := s.cfg.Contacts.List(ctx, q, v.position)
			if page.Next != nil {
				q.After = *page.Next
			}
			return page, err
		},
		write: format.Write,
		end:   func() { cancel(); s.exports.Add(-1) },
	}
	e.buffer.WriteString(format.Head)
	if err := e.fill(); err != nil { // so that an error still is a status
		e.end()
		return err
	}
	exportHeaders(c, format, workspace, v)
	c.Context().SetBodyStream(e, -1)
	return nil
}

func exportHeaders(c *fiber.Ctx, f transfer.Format, workspace string, v view) {
	c.Response().Header.SetContentType(f.MediaType)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="contacts-`+workspace+"."+f.Suffix+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(headerPosition, v.position.String())
}

// export reads as a file of contacts, a page at a time. An error cuts the connection, so that no
// client takes half a file for a whole one.
type export struct {
	pages  func() (grapevine.Page, error)
	write  func(io.Writer, *grapevine.Contact) error
	end    func()
	buffer bytes.Buffer
	last   bool
}

func (e *export) fill() error {
	page, err := e.pages()
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

func (e *export) Read(p []byte) (int, error) {
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

// Close is called by fasthttp however the answer ended.
func (e *export) Close() error {
	e.end()
	return nil
}
