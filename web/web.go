// Package web serves the live page: the contact list at /, the pipeline view at /inspect, the description of the API at /docs,
// and their assets, all embedded in the binary. The pages are plain ES modules without a build step, and load
// nothing from other servers.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
)

//go:embed static/*.html static/assets/*.svg static/assets/css/*.css static/assets/js/*.js static/assets/js/texts/*.js static/assets/js/server-texts/*.js
//go:embed static/assets/js/pipeline-texts/*.js
//go:embed static/assets/vendor/*.js static/assets/vendor/*.css static/assets/vendor/*LICENSE
//go:embed static/assets/vendor/lit/*.js static/assets/vendor/lit/directives/*.js static/assets/vendor/lit/LICENSE
var embedded embed.FS

// policy is the pages' Content-Security-Policy. They may load from and call only their own origin, and
// inline scripts and styles do not run. Only lit-html, whose templates are constants, may turn text into
// HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html"

// placeholder is the path of the assets in the HTML files. Mount replaces it with the real version.
const placeholder = "/assets/version/"

// pages are the files of the pages by their paths.
var pages = map[string]string{"/": "index.html", "/inspect": "inspect.html", "/docs": "docs.html"}

// Files returns the pages and their assets as they are in the repository: index.html, inspect.html,
// assets/….
func Files() fs.FS {
	files, err := fs.Sub(embedded, "static")
	if err != nil {
		panic(err) // the name is a constant
	}
	return files
}

// asset is a file with everything needed to send it.
type asset struct {
	plain, gzipped []byte // gzipped is nil if it would not be smaller
	contentType    string
	version        string // a hash of the content, for its entity tag
}

// Mount serves /, /inspect, /docs and /assets/<version>/…. The version is a hash of all assets, so browsers may
// cache them for ever and a page never mixes assets of two versions. Mount returns the handler for unknown paths, which is
// to be mounted after all other routes.
func Mount(r fiber.Router) (unknownPath fiber.Handler) {
	assets, version := load(Files())
	for route, file := range pages {
		page := preparePage(file, version, assets)
		r.Get(route, func(c *fiber.Ctx) error { return sendPage(c, page) })
	}
	r.Get("/assets/:version/*", func(c *fiber.Ctx) error {
		file, ok := assets["assets/"+c.Params("*")]
		if !ok {
			return c.Next()
		}
		if c.Params("version") == version {
			c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		} else {
			c.Set(fiber.HeaderCacheControl, "no-cache") // a page of another version that will reload soon
		}
		return send(c, file)
	})
	return notFound(preparePage("not-found.html", version, assets), assets["assets/favicon.svg"])
}

// notFound answers a browser that asks for a path that does not exist with a page. Other clients get the problem document of
// the next handler. A path of a page with a slash too many redirects to the page.
func notFound(page, icon asset) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if method := c.Method(); method != fiber.MethodGet && method != fiber.MethodHead {
			return c.Next()
		}
		if c.Path() == "/favicon.ico" {
			return send(c, icon)
		}
		if shorter := strings.TrimSuffix(c.Path(), "/"); pages[shorter] != "" {
			if query := c.Context().QueryArgs().String(); query != "" {
				shorter += "?" + query
			}
			return c.Redirect(shorter, fiber.StatusPermanentRedirect)
		}
		if !strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML) {
			return c.Next()
		}
		c.Status(fiber.StatusNotFound)
		return sendPage(c, page)
	}
}

// preparePage makes a page of a file: with one stylesheet, with the tags that load its modules in advance, and with the paths
// of this version.
func preparePage(file, version string, assets map[string]asset) asset {
	name := "assets/css/" + strings.TrimSuffix(file, ".html") + "-page.css"
	html, styles := joinStyles(assets[file].plain, name, assets)
	assets[name] = prepare(name, styles)
	html = addPreloads(html, assets)
	return prepare(file, bytes.ReplaceAll(html, []byte(placeholder), []byte("/assets/"+version+"/")))
}

func sendPage(c *fiber.Ctx, page asset) error {
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return send(c, page)
}

func send(c *fiber.Ctx, a asset) error {
	etag := `"` + a.version + `"`
	compress := a.gzipped != nil && edge.AcceptsGzip(c)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if tags, _ := grapevine.ParseETags(c.Get(fiber.HeaderIfNoneMatch)); grapevine.ETagMatches(tags, etag) {
		c.Set(fiber.HeaderETag, grapevine.NotModifiedETag(tags, etag, compress))
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, a.contentType)
	if compress {
		c.Set(fiber.HeaderETag, grapevine.GzipETag(etag))
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.gzipped)
	}
	c.Set(fiber.HeaderETag, etag)
	return c.Send(a.plain)
}

// load reads all files. The version it returns is a hash of their names and contents.
func load(files fs.FS) (map[string]asset, string) {
	all := map[string]asset{}
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
		if strings.HasPrefix(name, "assets/js/") {
			content = withoutComments(content)
		}
		all[name] = prepare(name, content)
		return nil
	})
	if err != nil {
		panic(err) // embedded files can be read
	}
	return all, hex.EncodeToString(sum.Sum(nil))[:12]
}

func prepare(name string, content []byte) asset {
	sum := sha256.Sum256(content)
	a := asset{plain: content, contentType: contentType(name), version: hex.EncodeToString(sum[:8])}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = w.Write(content) // a bytes.Buffer takes everything
	_ = w.Close()
	if b.Len() < len(content) {
		a.gzipped = b.Bytes()
	}
	return a
}

// contentType knows the usual types itself, because the system's table differs between machines.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return fiber.MIMEOctetStream
	}
}
