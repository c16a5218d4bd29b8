package access

import (
	"errors"

	"grapevine"
)

var errUnfit = errors.New("it does not fit the schema of its collection")

// check reports a user that only a bypassed validator could store.
func (u *User) check() error {
	if u.ID.IsZero() || u.Email == "" {
		return errUnfit
	}
	for _, m := range u.Memberships {
		if !grapevine.ValidWorkspace(m.Workspace) || !m.Role.IsValid() {
			return errUnfit
		}
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
