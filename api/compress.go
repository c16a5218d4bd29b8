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
	if r.IsBodyStream() || len(r.Body()) < smallestCompressed || len(r.Header.ContentEncoding()) > 0 ||
		!strings.Contains(string(r.Header.ContentType()), "json") {
		return nil
	}
	c.Append(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.Get(fiber.HeaderAcceptEncoding) == "" || c.AcceptsEncodings("gzip") != "gzip" {
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
	if version, strong := strings.CutSuffix(string(r.Header.Peek(fiber.HeaderETag)), `"`); strong {
		r.Header.Set(fiber.HeaderETag, version+`-gzip"`)
	}
	return nil
}
