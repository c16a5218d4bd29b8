package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"grapevine"
	"grapevine/access"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make a token for a program, and print it alone. It is shown this once."`
	List   tokenListCommand   `cmd:"" help:"List the tokens, the newest first."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token."`
}

type tokenCreateCommand struct {
	accessCommand `embed:""`
	Name          string `required:"" help:"What the token is for. It is shown as the author of changes."`
	Workspace     string `help:"Workspace that the token reads or writes. None for the role metrics."`
	Role          string `required:"" enum:"viewer,editor,admin,metrics" help:"What the token may do there: viewer, editor or admin. metrics reads /metrics and /readyz, and nothing else."`
	User          string `placeholder:"EMAIL" help:"User whose token it is: it may never do more than the user. Without a user it is a token of the instance."`
	Expires       string `default:"90d" help:"When it ends: a number of days such as 90d, a duration such as 12h, or never."`
}

// Run prints the token and nothing else.
func (c *tokenCreateCommand) Run(ctx context.Context) error {
	if c.Role != string(access.RoleMetrics) && c.Workspace == "" {
		return argumentError{fmt.Errorf("--workspace: the role %s needs one", c.Role)}
	}
	life, err := parseLife(c.Expires)
	if err != nil {
		return argumentError{fmt.Errorf("--expires: %w", err)}
	}
	n := access.NewToken{Name: c.Name, Workspace: c.Workspace, Role: grapevine.Role(c.Role), Service: c.User == ""}
	if life > 0 {
		end := time.Now().Add(life).UTC().Truncate(time.Millisecond)
		n.ExpiresAt = &end
	}
	return c.do(ctx, func(a *access.Access) error {
		if c.User != "" {
			user, err := a.UserByEmail(ctx, c.User)
			if err != nil {
				return err
			}
			n.User = user.ID
		}
		_, text, err := a.CreateToken(ctx, access.CommandLine, n)
		if err == nil {
			fmt.Println(text)
		}
		return err
	})
}

const day = 24 * time.Hour

// maxLife keeps a duration within what MongoDB's dates and Go's durations hold.
const maxLife = 36_500 * day

// parseLife reads how long a token works. Zero means that it does not end.
func parseLife(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	if number, ok := strings.CutSuffix(text, "d"); ok {
		if days, err := strconv.ParseUint(number, 10, 16); err == nil && days > 0 && days <= uint64(maxLife/day) {
			return time.Duration(days) * day, nil
		}
	}
	life, err := time.ParseDuration(text)
	if err != nil || life <= 0 || life > maxLife {
		return 0, fmt.Errorf("%q cannot be used: write a number of days such as 90d, a duration such as 12h, or never", text)
	}
	return life, nil
}

type tokenListCommand struct {
	accessCommand `embed:""`
}

// Run lists all tokens.
func (c *tokenListCommand) Run(ctx context.Context) error {
	return c.do(ctx, func(a *access.Access) error {
		tokens, err := a.Tokens(ctx, access.CommandLine)
		if err != nil {
			return err
		}
		if len(tokens) == 0 {
			fmt.Println("no tokens")
			return nil
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tBEGINS\tNAME\tWORKSPACE\tROLE\tUSER\tENDS\tUSED")
		for _, t := range tokens {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Prefix, t.Name, cmp.Or(t.Workspace, "-"), t.Role, cmp.Or(t.User, "-"), timeOf(t.ExpiresAt), timeOf(t.UsedAt))
		}
		return w.Flush()
	})
}

func timeOf(t *grapevine.Time) string {
	if t == nil {
		return "never"
	}
	return t.Local().Format(time.DateTime)
}

type tokenRevokeCommand struct {
	accessCommand `embed:""`
	ID            string `arg:"" help:"Id of the token, as 'token list' prints it."`
}

// Run ends a token. Instances refuse it within a second.
func (c *tokenRevokeCommand) Run(ctx context.Context) error {
	return c.do(ctx, func(a *access.Access) error { return a.RevokeToken(ctx, access.CommandLine, c.ID) })
}
