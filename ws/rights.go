package ws

import (
	"context"
	"fmt"

	"github.com/gofiber/contrib/websocket"

	"grapevine"
)

// End says why a socket may not go on. It is the code of its close frame.
type End int

// The ends of a right.
const (
	EndSignedOut   End = 4401                         // the session, token or user is gone
	EndForbidden   End = 4403                         // the right to the workspace is gone
	EndUnavailable End = websocket.CloseTryAgainLater // MongoDB has not answered for too long to know
)

// closeReason is the text of the close frame.
func (e End) closeReason() string {
	switch e {
	case EndSignedOut:
		return "signed-out"
	case EndForbidden:
		return "forbidden"
	case EndUnavailable:
	}
	return "try again later"
}

const unprovenMessage = "MongoDB does not answer, so it is not known what you may see. Try again later."

// checkRight returns a *[grapevine.Error] if a principal may not have a socket of this endpoint.
func (n namespace) checkRight(p *grapevine.Principal, workspace string) error {
	switch {
	case p.IsNobody():
		return &grapevine.Error{Code: grapevine.Unauthorized, Message: "Sign in, or send a token: Authorization: Bearer gv_…"}
	case n == pipelineNamespace && !p.Admin:
		return &grapevine.Error{Code: grapevine.Forbidden, Message: "This needs an admin of the instance."}
	case n == contactsNamespace && !p.RoleIn(workspace).Includes(grapevine.Viewer):
		return &grapevine.Error{Code: grapevine.Forbidden, Message: fmt.Sprintf("This needs the role viewer in the workspace %s.", workspace)}
	case p.Unproven:
		return &grapevine.Error{Code: grapevine.Unavailable, Message: unprovenMessage}
	}
	return nil
}

// checkJoin looks again at the right of a socket. A socket whose right is gone ends; the error is a *requestError if
// nobody knows.
func (h *Hub) checkJoin(ctx context.Context, s *socket) error {
	if h.cfg.Current == nil || s.principal == grapevine.Anyone {
		return nil
	}
	now, err := h.cfg.Current(ctx, s.principal)
	if err == nil {
		err = s.ns.checkRight(now, s.workspace)
	}
	if err == nil {
		return nil
	}
	switch grapevine.ErrorCode(err) {
	case grapevine.Unauthorized:
		s.end(EndSignedOut)
	case grapevine.Forbidden:
		s.end(EndForbidden)
	default:
		return &requestError{unavailable, unprovenMessage}
	}
	return err
}

// follow ends the socket when its right ends. The caller calls stop when the connection has ended.
func (h *Hub) follow(s *socket) (stop func()) {
	if h.cfg.Follow == nil || s.principal == grapevine.Anyone {
		return func() {}
	}
	return h.cfg.Follow(s.principal, s.workspace, s.end)
}
