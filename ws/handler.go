package ws

import (
	"encoding/base64"
	"errors"
	"runtime/debug"
	"strings"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
)

// keyBytes is the length of the key of a handshake.
const keyBytes = 16

// Keys of Fiber's locals.
const (
	localOrigin = "grapevine.ws.origin"
	localIP     = "grapevine.ws.ip"
)

// Contacts serves /ws/contacts. Before the upgrade it may answer with fiber.ErrUpgradeRequired, or with a
// *[grapevine.Error] of code BadRequest, TooMany or Unavailable.
func (h *Hub) Contacts() fiber.Handler { return h.endpoint(contactsNamespace) }

// Pipeline serves /ws/pipeline like Contacts, but with one room, which every socket is in from the start.
func (h *Hub) Pipeline() fiber.Handler { return h.endpoint(pipelineNamespace) }

func (h *Hub) endpoint(ns namespace) fiber.Handler {
	upgrade := websocket.New(func(c *websocket.Conn) { h.serve(c, ns) }, websocket.Config{
		ReadBufferSize: 1, // the least; the reader of the library is not used, see frameReader
		// The default handler sends the client the text of the panic, which may contain a secret.
		RecoverHandler: func(*websocket.Conn) {
			if p := recover(); p != nil {
				h.logPanic(p)
			}
		},
	})
	return func(c *fiber.Ctx) error {
		if !websocket.IsWebSocketUpgrade(c) {
			return fiber.ErrUpgradeRequired
		}
		if err := checkHandshake(c); err != nil {
			return err
		}
		ip := edge.NetworkOf(strings.Clone(h.cfg.Client(c)))
		h.mu.RLock()
		err := h.checkCapacity(ip)
		h.mu.RUnlock()
		if err != nil {
			h.refused(ip, err)
			return err
		}
		c.Locals(localIP, ip)
		// A socket of another origin is opened and closed with 4403. A browser would not tell the page why an
		// upgrade was refused.
		origin, host := c.Get(fiber.HeaderOrigin), c.Get(fiber.HeaderHost)
		allowed := edge.SocketAllowed(origin, host, h.cfg.Origins)
		if !allowed {
			h.metrics.refusedOrigin.Add(1)
			h.hints.ForeignOrigin(origin, host)
		}
		c.Locals(localOrigin, allowed)
		return upgrade(c)
	}
}

// checkHandshake checks what the library does not: the version and the key (RFC 6455, 4.2.1). It answers another version
// with 426, and the server names its own there.
func checkHandshake(c *fiber.Ctx) error {
	if !c.Request().Header.IsHTTP11() || c.Get(fiber.HeaderSecWebSocketVersion) != "13" {
		return fiber.ErrUpgradeRequired
	}
	if key, err := base64.StdEncoding.DecodeString(c.Get(fiber.HeaderSecWebSocketKey)); err != nil || len(key) != keyBytes {
		return &grapevine.Error{Code: grapevine.BadRequest, Message: "The header Sec-WebSocket-Key is not the base64 of 16 bytes."}
	}
	return nil
}

func (h *Hub) logPanic(p any) {
	h.log.Error("the handler of a socket panicked, so the socket is closed; please report the stack as a bug", "panic", p, "stack", string(debug.Stack()))
}

// serve handles a connection until it ends. Then the connection goes back to a pool, so both goroutines that
// use it must have ended.
func (h *Hub) serve(ws *websocket.Conn, ns namespace) {
	ip, _ := ws.Locals(localIP).(string)
	allowed, _ := ws.Locals(localOrigin).(bool)
	s := newSocket(ns, ip, h.cfg.MaxQueue, &h.metrics.slow)
	defer s.cancel()
	c := &conn{hub: h, socket: s, net: ws.NetConn()}
	switch err := h.register(s); {
	case errors.Is(err, errClosed): // it was closed after the handshake
		s.close(closeRestart, "going away")
	case err != nil:
		s.close(websocket.CloseTryAgainLater, "try again later")
	default:
		defer h.unregister(s)
		h.metrics.opened.Add(1)
	}
	switch {
	case !allowed:
		s.close(closeOrigin, "origin")
	case ns == pipelineNamespace:
		h.subscribe(s, request{room: PipelineRoom}, false)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		newWriter(c).run()
	}()
	c.read()
	<-written
}
