package api

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

const (
	headerAcceptPatch = "Accept-Patch" // RFC 5789
	headerAcceptPost  = "Accept-Post"
)

// utf8Names are the names of UTF-8 that programs send, in lower case.
var utf8Names = []string{"utf-8", "utf8", "csutf8", "unicode-1-1-utf-8", "x-utf-8"}

// mediaType returns the type of the body and refuses every type but the allowed ones. That also keeps out plain HTML
// forms of other sites. Parameters other than charset are ignored. The answer names the allowed types in a header.
func mediaType(c *fiber.Ctx, allowed ...string) (string, error) {
	given, parameters, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	charset := strings.ToLower(strings.Trim(parameters["charset"], " \t'"))
	switch {
	case err != nil || !slices.Contains(allowed, given):
		c.Set(acceptHeaderFor(c.Method()), strings.Join(allowed, ", "))
		return "", unsupportedMedia("The body's Content-Type must be " + strings.Join(allowed, " or ") + ", in UTF-8.")
	case charset != "" && !slices.Contains(utf8Names, charset):
		return "", unsupportedMedia(fmt.Sprintf("The charset %.40q is not supported. Send the body in UTF-8.", charset))
	}
	return given, nil
}

// acceptHeaderFor is the header that lists the media types that a method takes.
func acceptHeaderFor(method string) string {
	switch method {
	case http.MethodPatch:
		return headerAcceptPatch
	case http.MethodPost:
		return headerAcceptPost
	}
	return fiber.HeaderAccept
}

func unsupportedMedia(message string) error {
	return &grapevine.Error{Code: grapevine.UnsupportedMedia, Message: message}
}
