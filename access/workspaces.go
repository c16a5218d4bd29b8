package access

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// defaultWorkspace is where a request goes that names none.
const defaultWorkspace = "default"

// Workspaces are the workspaces of the principal with its role in each, by name. For an admin of the instance they are
// all: those that a membership or a token names, and those with contacts, which may be older than sign-in.
func (a *Access) Workspaces(ctx context.Context, p *grapevine.Principal) ([]Membership, error) {
	list := []Membership{}
	if p.IsNobody() {
		return list, nil
	}
	if !p.Admin {
		for workspace, role := range p.Roles {
			list = append(list, Membership{workspace, role})
		}
		slices.SortFunc(list, func(a, b Membership) int { return strings.Compare(a.Workspace, b.Workspace) })
		return list, nil
	}
	names, err := a.allWorkspaces(ctx)
	for _, name := range names {
		list = append(list, Membership{name, grapevine.Admin})
	}
	return list, err
}

func (a *Access) allWorkspaces(ctx context.Context) ([]string, error) {
	names := []string{defaultWorkspace}
	contacts := a.cfg.DB.Collection(grapevine.CollectionContacts)
	err := call(ctx, "list the workspaces", func(ctx context.Context) error {
		for _, from := range []struct {
			collection *mongo.Collection
			field      string
		}{{a.users, "memberships.workspace"}, {a.tokens, "workspace"}, {contacts, "workspace"}} {
			var found []any // a direct edit may have stored anything
			if err := from.collection.Distinct(ctx, from.field, bson.D{}).Decode(&found); err != nil {
				return err
			}
			for _, value := range found {
				if name, ok := value.(string); ok && grapevine.ValidWorkspace(name) {
					names = append(names, name)
				}
			}
		}
		return nil
	})
	slices.Sort(names)
	return slices.Compact(names), err
}
