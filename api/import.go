package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"grapevine"
	"grapevine/imports"
	"grapevine/internal/retry"
	"grapevine/transfer"
)

const (
	// importTimeout is for one request with a file, whose sender may be slow.
	importTimeout = 2 * time.Hour
	// importWait is how long a request waits for its import to end.
	importWait = 10 * time.Second
	// previewTurnWait is how long a preview waits for its turn.
	previewTurnWait = 30 * time.Second
)

// importTypes are the media types of a file with contacts. Its bytes decide what it is.
var importTypes = []string{
	"text/csv", "text/tab-separated-values", "text/vcard", "text/x-vcard", "text/directory",
	"application/x-ndjson", "text/plain", "application/octet-stream",
}

var importParams = []string{"dryRun", "columns", "onMatch", "encoding", "welcome"}

// Imports imports the contacts of files.
type Imports interface {
	// Start keeps the file in MongoDB. A worker imports its contacts later.
	Start(ctx context.Context, r imports.Request) (imports.Import, error)
	// Get fails with NotFound if the import is in another workspace.
	Get(ctx context.Context, workspace, id string) (imports.Import, error)
	// Preview says what an import would do, and writes no contact.
	Preview(ctx context.Context, r imports.Request) (imports.Preview, error)
}

// importContacts takes a file and answers with its import, which may have ended.
func (s *Server) importContacts(c *fiber.Ctx) error {
	request, dryRun, err := s.importRequest(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	if dryRun {
		return s.previewImport(c, request)
	}
	started, err := s.cfg.Imports.Start(c.UserContext(), request)
	if err != nil {
		return bodyError(err)
	}
	started, err = s.waitForImport(c.UserContext(), started)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, "/imports/"+started.ID)
	if !started.State.Ended() {
		c.Status(http.StatusAccepted)
	}
	return s.respondImport(c, started)
}

func (s *Server) respondImport(c *fiber.Ctx, i imports.Import) error {
	if !i.Position.IsZero() {
		s.setWriteHeaders(c, i.Position)
	}
	if !i.State.Ended() && i.Message == "" {
		i.Message = s.cfg.ImportObstacle(c.UserContext())
	}
	return c.JSON(i)
}

// readImport answers with the state of an import.
func (s *Server) readImport(c *fiber.Ctx) error {
	workspace, id, err := importTarget(c)
	if err == nil {
		err = noParams(c)
	}
	if err != nil {
		return err
	}
	found, err := s.cfg.Imports.Get(c.UserContext(), workspace, id)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return s.respondImport(c, found)
}

func importTarget(c *fiber.Ctx) (workspace, id string, err error) {
	workspace, err = workspaceOf(c)
	id = c.Params("id")
	if err == nil && !grapevine.ValidID(id) {
		err = badRequest("The id of an import is 24 lower-case hexadecimal digits.")
	}
	return workspace, id, err
}

func (s *Server) previewImport(c *fiber.Ctx, r imports.Request) error {
	waiting, cancel := context.WithTimeout(c.UserContext(), previewTurnWait)
	defer cancel()
	end, err := s.takeTurn(waiting)
	if err != nil {
		return err
	}
	defer end()
	preview, err := s.cfg.Imports.Preview(c.UserContext(), r)
	if err != nil {
		return bodyError(err)
	}
	return c.JSON(preview)
}

// importRequest reads everything but the file.
func (s *Server) importRequest(c *fiber.Ctx) (r imports.Request, dryRun bool, err error) {
	if r.Workspace, err = workspaceOf(c); err != nil {
		return r, false, err
	}
	if r.Key, err = idempotencyKey(c); err != nil {
		return r, false, err
	}
	charset, err := importType(c)
	if err != nil {
		return r, false, err
	}
	params, err := parseParams(queryString(c), importParams)
	if err != nil {
		return r, false, err
	}
	if r.Options, dryRun, err = importOptions(params, charset); err != nil {
		return r, false, err
	}
	r.Body, err = s.importBody(c)
	return r, dryRun, err
}

// importType checks the media type, and returns its charset. The bytes of the file decide if that is UTF-8, which many programs
// name without a look at the file, or if it is unknown.
func importType(c *fiber.Ctx) (charset string, err error) {
	given, parameters, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || !slices.Contains(importTypes, given) {
		c.Set(headerAcceptPost, strings.Join(importTypes, ", "))
		return "", unsupportedMedia("The Content-Type of a file with contacts is one of " + strings.Join(importTypes, ", ") + ". The body is the file as it is, not a form.")
	}
	charset = strings.ToLower(strings.Trim(parameters["charset"], " \t'"))
	if slices.Contains(utf8Names, charset) || !transfer.IsEncoding(charset) {
		return "", nil
	}
	return charset, nil
}

func importOptions(given params, charset string) (o imports.Options, dryRun bool, err error) {
	o = imports.Options{OnMatch: imports.Skip, Encoding: charset}
	for name := range given {
		value := given.get(name)
		if name != "columns" {
			if err := checkParam(name, value); err != nil {
				return o, false, err
			}
		}
		switch name {
		case "dryRun":
			dryRun, err = boolParam(name, value)
		case "welcome":
			o.Welcome, err = boolParam(name, value)
		case "encoding":
			o.Encoding = value
		case "columns":
			o.Columns = strings.Split(value, ",")
		case "onMatch":
			o.OnMatch = imports.OnMatch(value)
			if !slices.Contains([]imports.OnMatch{imports.Skip, imports.Update, imports.Add}, o.OnMatch) {
				err = badRequest("The parameter onMatch is skip, update or add.")
			}
		}
		if err != nil {
			return o, false, err
		}
	}
	return o, dryRun, nil
}

func boolParam(name, value string) (bool, error) {
	if value != "true" && value != "false" {
		return false, badRequest("The parameter " + name + " is true or false.")
	}
	return value == "true", nil
}

// importBody is the file. It ends with an error behind the limit.
func (s *Server) importBody(c *fiber.Ctx) (io.Reader, error) {
	body := c.Context().RequestBodyStream()
	if body == nil {
		return nil, badRequest("The request has no body. The body is the file.")
	}
	limited := &limitedBody{Reader: bufio.NewReader(body), left: s.cfg.MaxImport, limit: s.cfg.MaxImport}
	if int64(c.Request().Header.ContentLength()) > s.cfg.MaxImport {
		_, _ = io.CopyN(io.Discard, body, maxDrain)
		return nil, limited.tooLarge()
	}
	return limited, nil
}

// limitedBody reads a body up to a limit.
type limitedBody struct {
	io.Reader
	left, limit int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.tooLarge()
	}
	return n, err
}

func (b *limitedBody) tooLarge() error {
	return &grapevine.Error{Code: grapevine.TooLarge, Message: fmt.Sprintf("The file is larger than %d bytes. Split it, or raise the setting IMPORT_MAX.", b.limit)}
}

// bodyError tells what is wrong with the sending of a body.
func bodyError(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fiber.ErrRequestTimeout
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, new(fasthttp.ErrBrokenChunk)):
		return badRequest("The file broke off before its end. Nothing was imported. Send it again.")
	}
	return err
}

// waitForImport waits for a moment until the import has ended.
func (s *Server) waitForImport(ctx context.Context, i imports.Import) (imports.Import, error) {
	waiting, cancel := context.WithTimeout(ctx, importWait)
	defer cancel()
	backoff := retry.Backoff{First: 50 * time.Millisecond, Max: 500 * time.Millisecond}
	for !i.State.Ended() && retry.Sleep(waiting, backoff.Next()) == nil {
		found, err := s.cfg.Imports.Get(ctx, i.Workspace, i.ID)
		if err != nil {
			return i, nil // the import is known, and its state can be read later
		}
		i = found
	}
	return i, nil
}
