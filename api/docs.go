package api

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"

	"github.com/gofiber/fiber/v2"
)

// The page that shows openapi.json. docs/README.md names the source of its script.
var (
	//go:embed docs/index.html
	docsPage []byte
	//go:embed docs/rapidoc-min.js.gz
	docsScript []byte
)

const docsCSP = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

func serveDocs(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, docsCSP)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Response().Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	c.Response().SetBodyRaw(docsPage)
	return nil
}

// serveDocsScript sends the compressed script, and decompresses it for the rare client without gzip.
func serveDocsScript(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Response().Header.SetContentType("text/javascript; charset=utf-8")
	if c.AcceptsEncodings("gzip") == "gzip" {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		c.Response().SetBodyRaw(docsScript)
		return nil
	}
	r, err := gzip.NewReader(bytes.NewReader(docsScript))
	if err != nil {
		return err
	}
	script, err := io.ReadAll(r) // an embedded file of 863 kB
	if err != nil {
		return err
	}
	return c.Send(script)
}
