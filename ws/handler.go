package ws

import (
	"runtime/debug"
	"strings"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"grapevine/internal/edge"
)

const (
	localOrigin = "grapevine.ws.origin"
	localIP     = "grapevine.ws.ip"
)

// Contacts serves /ws/contacts. Before the upgrade it answers with an error: fiber.ErrUpgradeRequired,
// or a *grapevine.Error of code TooMany or Unavailable.
func (h *Hub) Contacts() fiber.Handler { return h.endpoint(contacts) }

// Pipeline serves /ws/pipeline: as Contacts, but its one room is `pipeline`, and every socket is in it
// from the start.
func (h *Hub) Pipeline() fiber.Handler { return h.endpoint(pipeline) }

func (h *Hub) endpoint(ns namespace) fiber.Handler {
	upgrade := websocket.New(func(c *websocket.Conn) { h.serve(c, ns) }, websocket.Config{
		ReadBufferSize: 1024,
		// The default writes the panic's text, which may hold anything, to the client.
		RecoverHandler: func(*websocket.Conn) {
			if p := recover(); p != nil {
				h.panicked(p)
			}
		},
	})
	return func(c *fiber.Ctx) error {
		if !websocket.IsWebSocketUpgrade(c) {
			return fiber.ErrUpgradeRequired
		}
		ip := edge.NetworkOf(strings.Clone(h.cfg.Client(c)))
		h.mu.RLock()
		err := h.vacancy(ip)
		h.mu.RUnlock()
		if err != nil {
			return err
		}
		c.Locals(localIP, ip)
		// A stranger's page is let in and closed with 4403: of a refused upgrade a browser tells the
		// page nothing.
		c.Locals(localOrigin, edge.SocketAllowed(c.Get(fiber.HeaderOrigin), c.Get(fiber.HeaderHost), h.cfg.Origins))
		return upgrade(c)
	}
}

func (h *Hub) panicked(p any) {
	h.log.Error("panic in a socket's handler", "panic", p, "stack", string(debug.Stack()))
}

// serve is the whole life of a connection, which goes back to a pool when this returns: by then the
// writer has ended, and nobody else ever held it.
func (h *Hub) serve(c *websocket.Conn, ns namespace) {
	ip, _ := c.Locals(localIP).(string)
	allowed, _ := c.Locals(localOrigin).(bool)
	s := newSocket(ns, ip)
	defer s.cancel()
	k := &conn{hub: h, socket: s, ws: c.Conn, net: c.NetConn()}
	if err := h.attach(s); err != nil {
		s.close(websocket.CloseTryAgainLater, "try again later")
	} else {
		defer h.detach(s)
		h.metrics.opened.Add(1)
	}
	switch {
	case !allowed:
		s.close(closeOrigin, "origin")
	case ns == pipeline:
		h.enter(s, request{room: pipelineRoom}, false)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		k.write()
	}()
	k.read()
	<-written
	if s.code == closeSlow {
		h.metrics.slow.Add(1)
	}
}
