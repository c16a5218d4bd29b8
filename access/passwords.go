package access

import (
	"context"

	"grapevine"
	"grapevine/access/password"
)

// newPassword judges a password that somebody chose, and hashes it. The caller knows the person by a link or a session, which is known.
// It is Invalid for a password that breaks the rules, and TooMany if too many hashes wait.
func (a *Access) newPassword(ctx context.Context, known, chosen, email string) (phc string, err error) {
	if err := checkPassword("/password", chosen, email); err != nil {
		return "", err
	}
	return a.passwords.Hash(ctx, known, chosen)
}

// checkPassword is Invalid for a password that breaks the rules. pointer names the field of the request.
func checkPassword(pointer, chosen, email string) error {
	if problem := password.Problem(chosen, email); problem != "" {
		return &grapevine.Error{
			Code: grapevine.Invalid, Message: "The password cannot be used.",
			Fields: []grapevine.FieldError{{Pointer: pointer, Detail: problem}},
		}
	}
	return nil
}
