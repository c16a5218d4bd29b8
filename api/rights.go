package api

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// right is what somebody needs for a route.
type right string

// The rights. Those with a workspace name where the workspace comes from. Only the first three let nobody in.
const (
	anyone        right = "anyone"         // credentials are not even looked at
	anyoneKnown   right = "anyone known"   // anyone too, but the handler is told who asks; an invalid cookie is nobody
	anyoneAtAll   right = "anyone at all"  // anyone known, and while MongoDB does not say who asks it is nobody, not 503
	somebody      right = "somebody"       // a session, or a token with a workspace
	person        right = "person"         // a session; a token never manages anything
	self          right = "self"           // the user in the path, or an admin of the instance
	viewer        right = "viewer"         // in the workspace of the header
	editor        right = "editor"         // in the workspace of the header
	writer        right = "writer"         // editor in the workspace of the body; the handler asks mayWrite
	listener      right = "listener"       // viewer in the workspace of a socket
	memberAdmin   right = "member admin"   // admin in the workspace of the path
	figures       right = "figures"        // an admin of the instance, or a metrics token
	instanceAdmin right = "instance admin" // an admin of the instance
)

// rule is one line of the table.
type rule struct {
	methods string // separated by blanks; GET is HEAD too
	path    string // as Fiber writes it: ":name" is one segment, "*" at the end is any rest
	right   right
}

// rights is the one table of what each route needs, for the routes of this package and those that app mounts, on every
// instance. A path that is not here is refused, mounted or not. The first line that fits a path counts.
var rights = []rule{
	{"GET", "/healthz", anyone},
	{"GET", "/readyz", anyoneAtAll}, // only who may see figures gets more than the status
	{"GET", "/metrics", figures},

	{"GET", "/signin", anyone},
	{"GET POST", "/setup", anyone},
	{"GET", "/invitation", anyone},
	{"GET", "/assets/:version/*", anyone},
	{"GET", "/favicon.ico", anyone},
	{"GET", "/oidc/start", anyone},
	{"POST", "/oidc/start", person},
	{"GET", "/oidc/callback", anyoneKnown},

	{"POST", "/session", anyoneAtAll},
	{"GET DELETE", "/session", person},
	{"PUT", "/session/password", person},
	{"GET DELETE", "/sessions", person},
	{"DELETE", "/sessions/:id", person},
	{"POST", "/invitations/accept", anyoneKnown},
	{"POST", "/invitations", person},
	{"GET", "/users", instanceAdmin},
	{"PATCH", "/users/:id", self},
	{"DELETE", "/users/:id", instanceAdmin},
	{"DELETE", "/users/:id/sessions", instanceAdmin},
	{"GET", "/workspaces", somebody},
	{"GET", "/workspaces/:workspace/members", memberAdmin},
	{"PUT DELETE", "/workspaces/:workspace/members/:user", memberAdmin},
	{"GET POST", "/tokens", person},
	{"DELETE", "/tokens/:id", person},

	{"GET", "/contacts", viewer},
	{"POST", "/contacts", writer},
	{"GET", "/contacts/search", viewer},
	{"POST", uploadPath, editor},
	{"GET", "/contacts/export", viewer},
	{"GET", "/contacts/stats/companies", viewer},
	{"GET", "/contacts/stats/tags", viewer},
	{"GET", "/contacts/stats/months", viewer},
	{"GET", "/contacts/:id", viewer},
	{"PUT PATCH DELETE", "/contacts/:id", editor}, // a move asks for the other workspace too
	{"GET", "/imports/:id", viewer},
	{"GET", "/ws/contacts", listener},

	{"GET", "/", somebody},
	{"GET", "/account", somebody},
	{"GET", "/members", somebody}, // the page; who may see the members is asked with them
	{"GET", "/docs", somebody},
	{"GET", "/openapi.json", somebody},
	{"GET", "/asyncapi.json", somebody},

	{"GET", "/admin/users", instanceAdmin},
	{"GET", "/inspect", instanceAdmin},
	{"GET", "/inspect/info", instanceAdmin},
	{"POST", "/inspect/experiments/:name", instanceAdmin},
	{"GET", "/ws/pipeline", instanceAdmin},
	{"GET", "/jobs", instanceAdmin},
	{"POST DELETE", "/jobs/api/*", instanceAdmin},
	{"GET", "/jobs/*", instanceAdmin},
}

// isOpen reports whether nobody has the right too.
func (r right) isOpen() bool { return r == anyone || r == anyoneKnown || r == anyoneAtAll }

// permits reports whether p has the right for the request, nil if so.
func (r right) permits(c *fiber.Ctx, p *grapevine.Principal) error {
	if r.isOpen() {
		return nil
	}
	if p.IsNobody() {
		return errNobody
	}
	if p.Metrics && r != figures {
		return forbidden("This token reads /metrics and /readyz, and nothing else.")
	}
	switch r {
	case somebody, writer:
		return nil
	case person, self, memberAdmin:
		return r.permitsPerson(c, p)
	case viewer, editor:
		workspace, err := workspaceOf(c)
		if err != nil {
			return err
		}
		return need(p, grapevine.Role(r), workspace)
	case listener:
		workspace, err := socketWorkspace(c)
		if err != nil {
			return err
		}
		return need(p, grapevine.Viewer, workspace)
	case figures, instanceAdmin:
		if p.Admin || r == figures && p.Metrics {
			return nil
		}
	}
	return forbidden("Only an admin of the instance may do this.")
}

// permitsPerson is permits for rights that no token has.
func (r right) permitsPerson(c *fiber.Ctx, p *grapevine.Principal) error {
	if p.Kind == grapevine.ByToken {
		return forbidden("A token does not manage users, members, invitations, tokens, sessions or passwords. Sign in as a user.")
	}
	switch r {
	case self:
		if !p.Admin && pathSegment(c, 2) != p.User {
			return forbidden("Only an admin of the instance may do this to another user.")
		}
	case memberAdmin:
		workspace := pathSegment(c, 2)
		if !grapevine.ValidWorkspace(workspace) || p.RoleIn(workspace) == "" {
			return &grapevine.Error{Code: grapevine.NotFound, Message: "There is no such workspace, or you are not a member of it."}
		}
		return need(p, grapevine.Admin, workspace)
	}
	return nil
}

// need is the error of a principal that lacks a role in a workspace, or nil. It names what is missing.
func need(p *grapevine.Principal, role grapevine.Role, workspace string) error {
	has := p.RoleIn(workspace)
	switch {
	case has.Includes(role):
		return nil
	case has == "":
		return forbidden("This needs the role " + string(role) + " in the workspace " + workspace + ", and you have none there.")
	}
	return forbidden("This needs the role " + string(role) + " in the workspace " + workspace + "; you are " + string(has) + ".")
}

func forbidden(message string) error {
	return &grapevine.Error{Code: grapevine.Forbidden, Message: message}
}

// pathSegment is the nth part of the path, from 1.
func pathSegment(c *fiber.Ctx, n int) string {
	if parts := strings.Split(c.Path(), "/"); n < len(parts) {
		return parts[n]
	}
	return ""
}

// socketWorkspace is the workspace of a socket: of the parameter, or of the header. Both may be given if they agree.
func socketWorkspace(c *fiber.Ctx) (string, error) {
	workspace, err := workspaceOf(c)
	if err != nil {
		return "", err
	}
	named := c.Request().URI().QueryArgs().PeekMulti("workspace")
	switch {
	case len(named) == 0:
		return workspace, nil
	case len(named) > 1:
		return "", badRequest("The parameter workspace may be given once only.")
	case !grapevine.ValidWorkspace(string(named[0])):
		return "", badRequest("The parameter workspace must be 1 to 63 lower-case letters, digits and hyphens, and must not start with a hyphen.")
	case len(c.Request().Header.Peek(headerWorkspace)) > 0 && workspace != string(named[0]):
		return "", badRequest("The parameter workspace and the header Workspace name two workspaces. Leave out one of them.")
	}
	return string(named[0]), nil
}

// isSafe reports whether a method changes nothing.
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
