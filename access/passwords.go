package access

import (
	"context"

	"grapevine"
	"grapevine/access/password"
)

// newPassword judges a password that somebody chose, and hashes it. The caller knows the person by a link or a session. pointer names
// the field of the request. It is Invalid for a password that breaks the rules, and TooMany if too many hashes wait.
func (a *Access) newPassword(ctx context.Context, pointer, chosen, email string) (phc string, err error) {
	if problem := password.Problem(chosen, email); problem != "" {
		return "", &grapevine.Error{
			Code: grapevine.Invalid, Message: "The password cannot be used.",
			Fields: []grapevine.FieldError{{Pointer: pointer, Detail: problem}},
		}
	}
	return a.passwords.Hash(ctx, chosen)
}
