package ws

import (
	"errors"
	"runtime/debug"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
)

// Contacts serves /ws/contacts. Before the upgrade it may answer with fiber.ErrUpgradeRequired, or with a
// *[grapevine.Error] of code BadRequest, Unauthorized, Forbidden, TooMany or Unavailable.
func (h *Hub) Contacts() fiber.Handler { return h.endpoint(contactsNamespace) }

// Pipeline serves /ws/pipeline like Contacts, but for admins of the instance, and with one room, which every socket is in
// from the start.
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
		asked, err := h.admit(c, ns)
		if err != nil {
			return err
		}
		h.mu.RLock()
		err = h.checkCapacity(asked.ip)
		h.mu.RUnlock()
		if err != nil {
			h.refused(asked.ip, err)
			return err
		}
		c.Locals(localAdmission, asked)
		return upgrade(c)
	}
}

func (h *Hub) logPanic(p any) {
	h.log.Error("the handler of a socket panicked, so the socket is closed; please report the stack as a bug", "panic", p, "stack", string(debug.Stack()))
}

// serve handles a connection until it ends. Then the connection goes back to a pool, so both goroutines that
// use it must have ended.
func (h *Hub) serve(ws *websocket.Conn, ns namespace) {
	asked, _ := ws.Locals(localAdmission).(*admission)
	s := newSocket(ns, asked, h.cfg.MaxQueue, &h.metrics.slow)
	defer s.cancel()
	c := &conn{hub: h, socket: s, net: ws.NetConn()}
	s.interrupt = c.interrupt
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
	case !asked.allowed: // a browser would not tell the page why an upgrade was refused
		s.close(closeOrigin, "origin")
	case ns == pipelineNamespace:
		h.subscribe(s, request{room: pipelineRoom}, false)
	}
	defer h.follow(s)()
	written := make(chan struct{})
	go func() {
		defer close(written)
		newWriter(c).run()
	}()
	c.read()
	<-written
}
