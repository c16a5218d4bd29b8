package main

import (
	"context"
	"errors"
	"fmt"

	"grapevine/access"
)

type sessionCommand struct {
	End sessionEndCommand `cmd:"" help:"Sign everybody out, such as after a backup was restored: with it come sessions that had ended."`
}

type sessionEndCommand struct {
	accessCommand `embed:""`
	All           bool `help:"All sessions of all users. Tokens are not sessions: see 'token list'."`
}

// Run ends all sessions.
func (c *sessionEndCommand) Run(ctx context.Context) error {
	if !c.All {
		return argumentError{errors.New("add --all: it ends the sessions of all users")}
	}
	return c.do(ctx, func(a *access.Access) error {
		n, err := a.EndAllSessions(ctx)
		if err == nil {
			fmt.Printf("%d sessions ended\n", n)
		}
		return err
	})
}
