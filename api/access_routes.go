package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// passwordTimeout is for a request with a password, which waits for its turn in front of the hash.
const passwordTimeout = 30 * time.Second

// accessRoutes lists the routes of sign-in, users, members and tokens. Without sign-in they are 404.
func (s *Server) accessRoutes() []route {
	type methods = map[string]fiber.Handler
	routes := []route{
		{path: "/session", methods: methods{http.MethodPost: s.signIn, http.MethodDelete: s.signOut}, timeout: passwordTimeout},
		{path: "/session/password", methods: methods{http.MethodPut: s.changePassword}, timeout: passwordTimeout},
		{path: "/sessions", methods: methods{http.MethodGet: s.listSessions, http.MethodDelete: s.endOtherSessions}},
		{path: "/sessions/:id", methods: methods{http.MethodDelete: s.endSession}},
		{path: "/invitations", methods: methods{http.MethodPost: s.invite}},
		{path: "/invitations/accept", methods: methods{http.MethodPost: s.accept}, timeout: passwordTimeout},
		{path: "/users", methods: methods{http.MethodGet: s.listUsers}},
		{path: "/users/:id", methods: methods{http.MethodPatch: s.patchUser, http.MethodDelete: s.deleteUser}},
		{path: "/users/:id/sessions", methods: methods{http.MethodDelete: s.endSessionsOfUser}},
		{path: "/workspaces", methods: methods{http.MethodGet: s.listWorkspaces}},
		{path: "/workspaces/:workspace/members", methods: methods{http.MethodGet: s.listMembers}},
		{path: "/workspaces/:workspace/members/:user", methods: methods{http.MethodPut: s.setMember, http.MethodDelete: s.removeMember}},
		{path: "/tokens", methods: methods{http.MethodPost: s.createToken, http.MethodGet: s.listTokens}},
		{path: "/tokens/:id", methods: methods{http.MethodDelete: s.revokeToken}},
		{path: "/setup", methods: methods{http.MethodPost: s.setUp}, timeout: passwordTimeout, shared: true}, // with the page
		{path: "/oidc/start", methods: methods{http.MethodGet: s.startOIDC, http.MethodPost: s.linkOIDC}},
		get("/oidc/callback", s.finishOIDC),
	}
	for _, r := range routes {
		for method, h := range r.methods {
			r.methods[method] = s.withSignIn(h)
		}
	}
	routes[0].methods[http.MethodGet] = s.readSession // it also tells that there is no sign-in
	return routes
}

// withSignIn answers 404 while sign-in is off.
func (s *Server) withSignIn(h fiber.Handler) fiber.Handler {
	if s.cfg.Access == nil {
		return func(*fiber.Ctx) error { return errNoSignIn }
	}
	return h
}

var errNoSignIn = &grapevine.Error{Code: grapevine.NotFound, Message: "Sign-in is off here (AUTH=off), so there are no users, sessions or tokens."}
