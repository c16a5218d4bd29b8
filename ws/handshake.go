package ws

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
)

const (
	keyBytes        = 16 // of the key of a handshake
	headerWorkspace = "Workspace"
	paramWorkspace  = "workspace"
	localAdmission  = "grapevine.ws.admission" // key of Fiber's locals
)

// admission is what the request for a socket decides for all of its life.
type admission struct {
	ip        string
	workspace string // empty on /ws/pipeline
	principal *grapevine.Principal
	allowed   bool // the page may open a socket
}

// admit reads a handshake, and refuses it with an error if it may not become a socket.
func (h *Hub) admit(c *fiber.Ctx, ns namespace) (*admission, error) {
	if err := checkProtocol(c); err != nil {
		return nil, err
	}
	workspace, err := workspaceOf(c, ns)
	if err != nil {
		return nil, err
	}
	p := h.cfg.Principal(c)
	if err := ns.checkRight(p, workspace); err != nil {
		return nil, err
	}
	origin, host := c.Get(fiber.HeaderOrigin), c.Get(fiber.HeaderHost)
	allowed := h.mayOpen(p, origin, host)
	if !allowed {
		h.metrics.refusedOrigin.Add(1)
		h.hints.ForeignOrigin(origin, host)
		if p.Session != "" {
			return nil, &grapevine.Error{Code: grapevine.Forbidden, Message: "The header Origin must be the origin of the setting PUBLIC_URL. A program sends a token instead of a cookie."}
		}
	}
	return &admission{ip: edge.NetworkOf(strings.Clone(h.cfg.Client(c))), workspace: workspace, principal: p, allowed: allowed}, nil
}

// mayOpen reports whether a page of this origin may open a socket for the principal. Browsers send cookies with the
// handshake of any page, so a cookie needs an origin that is allowed. A token is never sent without the page knowing it.
func (h *Hub) mayOpen(p *grapevine.Principal, origin, host string) bool {
	switch {
	case p.Session != "":
		return slices.ContainsFunc(h.cfg.Origins, func(allowed string) bool { return strings.EqualFold(allowed, origin) })
	case p.Kind == grapevine.ByToken:
		return true
	}
	return edge.SocketAllowed(origin, host, h.cfg.Origins)
}

// checkProtocol checks what the library does not: the version and the key (RFC 6455, 4.2.1). It answers another version
// with 426, and the server names its own there.
func checkProtocol(c *fiber.Ctx) error {
	if !c.Request().Header.IsHTTP11() || c.Get(fiber.HeaderSecWebSocketVersion) != "13" {
		return fiber.ErrUpgradeRequired
	}
	if key, err := base64.StdEncoding.DecodeString(c.Get(fiber.HeaderSecWebSocketKey)); err != nil || len(key) != keyBytes {
		return badHandshake("The header Sec-WebSocket-Key is not the base64 of 16 bytes.")
	}
	return nil
}

// workspaceOf is the workspace that the parameter or the header names. Browsers cannot send the header.
func workspaceOf(c *fiber.Ctx, ns namespace) (string, error) {
	var named []string
	for key, value := range c.Request().URI().QueryArgs().All() {
		if string(key) != paramWorkspace || ns == pipelineNamespace {
			return "", badHandshake(ns.params())
		}
		named = append(named, string(value))
	}
	if ns == pipelineNamespace {
		return "", nil
	}
	for _, value := range c.Request().Header.PeekAll(headerWorkspace) {
		named = append(named, string(value))
	}
	if len(named) == 0 {
		return grapevine.DefaultWorkspace, nil
	}
	if len(slices.Compact(named)) > 1 {
		return "", badHandshake("A socket belongs to one workspace, so its parameter workspace and its header Workspace must name one.")
	}
	if !grapevine.ValidWorkspace(named[0]) {
		return "", badHandshake("The workspace of a socket must be 1 to 63 lower-case letters, digits and hyphens, and must not start with a hyphen.")
	}
	return named[0], nil
}

func badHandshake(message string) error {
	return &grapevine.Error{Code: grapevine.BadRequest, Message: message}
}
