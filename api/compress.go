package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
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
// 9 kB of gzip. The compressed answer has an entity tag of its own, see [grapevine.GzipETag]. Both name the same version of
// the contact, see [grapevine.ETagMatches].
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
	if !edge.AcceptsGzip(c) {
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
	setETag(c, grapevine.GzipETag)
	return nil
}

// tagNotModified gives a 304 the entity tag that a 200 would have. It is the compressed one if the client names it and
// accepts gzip.
func tagNotModified(c *fiber.Ctx) {
	c.Append(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	tags, _ := etagCondition(c, fiber.HeaderIfNoneMatch) // a header that cannot be read leads to no 304
	setETag(c, func(etag string) string { return grapevine.NotModifiedETag(tags, etag, edge.AcceptsGzip(c)) })
}

// setETag replaces the entity tag of the answer, if it has one.
func setETag(c *fiber.Ctx, replace func(etag string) string) {
	header := &c.Response().Header
	if etag := header.Peek(fiber.HeaderETag); len(etag) > 0 {
		header.Set(fiber.HeaderETag, replace(string(etag)))
	}
}
