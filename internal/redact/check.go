package redact

import (
	"errors"
	"strings"
)

// ErrCredentials says what to do about a user name or password that is not written as a URI needs it.
var ErrCredentials = errors.New("percent-encode the user name and the password: every character other than letters, digits and - . _ ~ " +
	"needs it (% is %25, / is %2F, : is %3A, @ is %40, # is %23, ? is %3F, a blank is %20)")

var errForm = errors.New("it is not of the form scheme://host:port")

// Check is the error of parse without any piece of a secret. Parsers quote what they cannot read, and a password that
// is not percent-encoded can end up anywhere in the pieces.
func (u URI) Check(parse func(uri string) error) error {
	p, ok := split(string(u))
	switch {
	case !ok && strings.Contains(string(u), "@"):
		return ErrCredentials
	case !ok:
		return errForm
	}
	if parse(string(u)) == nil {
		return nil
	}
	if err := parse(p.withoutSecrets()); err != nil {
		return err
	}
	if p.hasUser {
		return ErrCredentials
	}
	return errors.New("the value of an option cannot be used (" + p.firstOther() + "), or a character in it has to be percent-encoded")
}

// withoutSecrets is the URI with other credentials of the same shape, and without options that may hold a secret.
func (p parts) withoutSecrets() string {
	credentials := ""
	if p.hasUser {
		name, password, hasPassword := strings.Cut(p.user, ":")
		if name != "" {
			credentials = "user"
		}
		if hasPassword {
			credentials += ":"
		}
		if password != "" {
			credentials += "password"
		}
		credentials += "@"
	}
	safe := p
	safe.options = nil
	for _, o := range p.options {
		if harmless[o.name] || forOperator[o.name] {
			safe.options = append(safe.options, o)
		}
	}
	if name := p.firstOther(); name != "" && !secretOptions[name] {
		safe.options = append(safe.options, option{name, name + "=1"}) // so that a parser can say that it does not know this name
	}
	return safe.join(credentials, func(string) bool { return true })
}

// firstOther is the name of the first option whose value is not shown. Later names are not shown either: after a
// value with a raw &, they are a piece of the value.
func (p parts) firstOther() string {
	for _, o := range p.options {
		if !harmless[o.name] && !forOperator[o.name] {
			return o.name
		}
	}
	return ""
}
