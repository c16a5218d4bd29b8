package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// smallestCompressed is the size in bytes from which an answer is compressed. A smaller one fits into one packet anyway.
const smallestCompressed = 1400

// compressedTag is the end of the entity tag of a compressed answer.
const compressedTag = "-gzip"

// gzipWriters are kept, because each one has tables of several hundred kB.
var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// compressJSON compresses the JSON of the handlers behind it for clients that accept gzip. 200 contacts are 108 kB of JSON and
// 9 kB of gzip. The compressed answer has an entity tag of its own, as RFC 9110 (8.8.3) asks for: "t-gzip" beside "t". Both
// name the same version of the contact, see [grapevine.ETagMatches].
func compressJSON(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		return err
	}
	r := c.Response()
	if r.StatusCode() == fiber.StatusNotModified {
		tagNotModified(c)
		return nil
	}
	if r.IsBodyStream() || len(r.Body()) < smallestCompressed || len(r.Header.ContentEncoding()) > 0 ||
		!strings.Contains(string(r.Header.ContentType()), "json") {
		return nil
	}
	c.Append(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if !acceptsGzip(c) {
		return nil
	}
	var compressed bytes.Buffer
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	w.Reset(&compressed)
	_, _ = w.Write(r.Body()) // a bytes.Buffer takes everything
	_ = w.Close()
	r.SetBodyRaw(compressed.Bytes())
	r.Header.SetContentEncoding("gzip")
	tagCompressed(c)
	return nil
}

func acceptsGzip(c *fiber.Ctx) bool {
	return c.Get(fiber.HeaderAcceptEncoding) != "" && c.AcceptsEncodings("gzip") == "gzip"
}

// tagCompressed makes the entity tag that of the compressed answer.
func tagCompressed(c *fiber.Ctx) {
	header := &c.Response().Header
	version, quoted := strings.CutSuffix(string(header.Peek(fiber.HeaderETag)), `"`)
	if quoted && !strings.HasSuffix(version, compressedTag) {
		header.Set(fiber.HeaderETag, version+compressedTag+`"`)
	}
}

// tagNotModified gives an answer without a body the entity tag that the answer with the body would have: the client has the
// compressed one if it names that one and still accepts gzip.
func tagNotModified(c *fiber.Ctx) {
	c.Append(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	version, quoted := strings.CutSuffix(string(c.Response().Header.Peek(fiber.HeaderETag)), `"`)
	if quoted && acceptsGzip(c) && strings.Contains(c.Get(fiber.HeaderIfNoneMatch), version+compressedTag+`"`) {
		tagCompressed(c)
	}
}
