package edge

import (
	"crypto/rand"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// contentPolicy is for answers without a policy of their own.
const contentPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// SecureHeaders sets the security headers of an answer. Call it after the handler: a
// Content-Security-Policy that the handler set is kept, because a browser enforces every policy of an
// answer together.
func SecureHeaders(h *fasthttp.ResponseHeader) {
	if len(h.Peek(fasthttp.HeaderContentSecurityPolicy)) == 0 {
		h.Set(fasthttp.HeaderContentSecurityPolicy, contentPolicy)
	}
	h.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	h.Set(fasthttp.HeaderReferrerPolicy, "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// AcceptsGzip reports whether the client accepts an answer that is compressed with gzip. Without Accept-Encoding it gets a plain one.
func AcceptsGzip(c *fiber.Ctx) bool {
	return c.Get(fiber.HeaderAcceptEncoding) != "" && c.AcceptsEncodings("gzip") == "gzip"
}

// RequestID returns the client's request id if it is short and safe in a log line, or else a new one.
func RequestID(sent string) string {
	if validRequestID(sent) {
		return sent
	}
	return rand.Text()
}

func validRequestID(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}) < 0
}
