package app

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
	"grapevine/api"
	"grapevine/imports"
	"grapevine/ws"
)

// The functions of this file hand sign-in to packages that do not import access. Each is nil with AUTH=off.

// names tells the names of authors at present.
func (a *App) names() func(context.Context, []grapevine.Author) map[grapevine.Author]string {
	if a.access == nil {
		return nil
	}
	return a.access.Names
}

// socketOrigins are the pages that may open sockets.
func (a *App) socketOrigins() []string {
	if a.access == nil {
		return a.config.Origins
	}
	return api.Origins(a.publicURL())
}

func (a *App) principal() func(*fiber.Ctx) *grapevine.Principal {
	if a.access == nil {
		return nil
	}
	return api.PrincipalOf
}

func (a *App) current() func(context.Context, *grapevine.Principal) (*grapevine.Principal, error) {
	if a.access == nil {
		return nil
	}
	return a.access.Current
}

// socketEnds are the close codes of sockets whose right has ended.
var socketEnds = map[access.End]ws.End{
	access.EndSignedOut: ws.EndSignedOut, access.EndForbidden: ws.EndForbidden, access.EndUnavailable: ws.EndUnavailable,
}

func (a *App) follow() func(p *grapevine.Principal, workspace string, ended func(ws.End)) (stop func()) {
	if a.access == nil {
		return nil
	}
	return func(p *grapevine.Principal, workspace string, ended func(ws.End)) (stop func()) {
		return a.access.Follow(p, workspace, func(why access.End) { ended(socketEnds[why]) })
	}
}

// mayImport tells whether the author of an import may write into its workspace now. Signing out does not end an import, so
// it looks for the rights of the user. An author who is unknown wrote the import with the command line, or before there
// was sign-in: whoever can write to MongoDB needs no right here.
func (a *App) mayImport() imports.Allowed {
	if a.access == nil {
		return nil
	}
	return func(ctx context.Context, by grapevine.Author, workspace string) error {
		if by.Kind == grapevine.ByUnknown {
			return nil
		}
		p, err := a.access.ByAuthor(ctx, by)
		if err != nil {
			return err
		}
		if p.Unproven {
			return &grapevine.Error{Code: grapevine.Unavailable, Message: "MongoDB does not answer."}
		}
		if !p.RoleIn(workspace).Includes(grapevine.Editor) {
			return &grapevine.Error{Code: grapevine.Forbidden, Message: fmt.Sprintf("This needs the role editor in the workspace %s.", workspace)}
		}
		return nil
	}
}
