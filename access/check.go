package access

import (
	"errors"

	"grapevine"
)

// errUnfit says that a document does not fit the schema of its collection. It gives no rights.
var errUnfit = errors.New("it does not fit the schema")

// check reports a user that only a bypassed validator could store.
func (u *User) check() error {
	if u.ID.IsZero() || u.Email == "" {
		return errUnfit
	}
	return nil
}

func (s *Session) check() error {
	if s.Hash == "" || s.ID == "" || s.User.IsZero() || s.Stamp == "" {
		return errUnfit
	}
	return nil
}

func (t *Token) check() error {
	switch {
	case t.Hash == "" || t.ID == "" || t.User != nil && t.User.IsZero():
		return errUnfit
	case t.Role == RoleMetrics && t.Workspace == "":
		return nil
	case t.Role.IsValid() && grapevine.ValidWorkspace(t.Workspace):
		return nil
	}
	return errUnfit
}

func (i *Invitation) check() error {
	known := i.Kind == KindInvite && i.Email != "" || i.Kind == KindReset && i.User != nil || i.Kind == KindSetup
	if i.Hash == "" || i.ID == "" || !known {
		return errUnfit
	}
	return nil
}

// Roles are the user's roles by workspace. Two memberships in one workspace count as the lower.
func (u *User) Roles() map[string]grapevine.Role {
	roles := make(map[string]grapevine.Role, len(u.Memberships))
	for _, m := range u.Memberships {
		role, known := roles[m.Workspace]
		if known {
			roles[m.Workspace] = grapevine.LowerRole(role, m.Role)
		} else {
			roles[m.Workspace] = m.Role
		}
	}
	return roles
}
