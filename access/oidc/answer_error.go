package oidc

import (
	"errors"
	"fmt"
	"regexp"

	"golang.org/x/oauth2"
)

// statusAndBody is the error of go-oidc for an answer that is not 200, which has no type.
var statusAndBody = regexp.MustCompile(`(?s)^(\d{3}[^:]*): .*$`)

// withoutBody is an error of the provider without the text of its answer, which may name the person. It is for the log.
func withoutBody(err error) error {
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return fmt.Errorf("the provider answered %s, error %q", answer.Response.Status, shortened(answer.ErrorCode))
	}
	if parts := statusAndBody.FindStringSubmatch(err.Error()); parts != nil {
		return errors.New("the provider answered " + parts[1])
	}
	return err
}
