package main

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/access"
	"grapevine/access/password"
	"grapevine/internal/realtest"
)

// onDatabase returns a function that runs commands on a database of the test's own.
func onDatabase(t *testing.T) (run func(args ...string) (string, error), a *access.Access, env realtest.Env) {
	t.Helper()
	env = realtest.New(t)
	a = access.New(access.Config{DB: env.DB(t), Clock: &grapevine.Clock{}, PasswordCost: password.Params{Memory: 64, Time: 1, Threads: 1}})
	return func(args ...string) (string, error) {
		return output(t, append(args, "--mongo-uri", env.MongoURI, "--mongo-db", env.Database)...)
	}, a, env
}

// useLink is what the page of a link does.
func useLink(t *testing.T, a *access.Access, link string) access.SignedIn {
	t.Helper()
	_, secret, found := strings.Cut(strings.TrimSpace(link), "#")
	require.True(t, found, link)
	signed, err := a.Accept(t.Context(), access.Acceptance{Secret: secret, Name: "Ada", Password: "correct horse 7 battery"}, nil, netip.Addr{}, "")
	require.NoError(t, err)
	return signed
}

func TestUsersAndTokensByTheCommandLine(t *testing.T) {
	run, a, env := onDatabase(t)
	link, err := run("user", "invite", "--admin", "Ada@example.com")
	require.NoError(t, err)
	require.Regexp(t, `^http://127\.0\.0\.1:8080/invitation#[A-Za-z0-9_-]{43}\n$`, link)
	signed := useLink(t, a, link)
	require.True(t, signed.Principal.Admin)
	require.Equal(t, "ada@example.com", signed.Principal.Email)

	link, err = run("user", "invite", "bob@example.com", "--workspace", "sales", "--role", "editor", "--public-url", "https://CRM.example.test/")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(link, "https://crm.example.test/invitation#"), link)
	bob := useLink(t, a, link)
	require.Equal(t, map[string]grapevine.Role{"sales": grapevine.Editor}, bob.Principal.Roles)

	link, err = run("user", "reset", "Bob@example.com")
	require.NoError(t, err)
	useLink(t, a, link)

	tokens := env.DB(t).Collection("tokens")
	text, err := run("token", "create", "--name", "nightly job", "--workspace", "sales", "--role", "editor")
	require.NoError(t, err)
	require.Regexp(t, `^gv_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}\n$`, text, "the token alone")
	var stored access.Token
	require.NoError(t, tokens.FindOne(t.Context(), bson.D{}).Decode(&stored))
	require.Nil(t, stored.User)
	require.WithinDuration(t, time.Now().Add(90*day), *stored.ExpiresAt, time.Minute)
	_, err = run("token", "create", "--name", "his", "--workspace", "sales", "--role", "viewer", "--user", "bob@example.com", "--expires", "never")
	require.NoError(t, err)
	_, err = run("token", "create", "--name", "prometheus", "--role", "metrics", "--expires", "12h")
	require.NoError(t, err)

	list, err := run("token", "list")
	require.NoError(t, err)
	require.Equal(t, 4, strings.Count(list, "\n"), list)
	require.Contains(t, list, "nightly job")
	require.Contains(t, list, bob.Principal.User)
	require.NotContains(t, list, strings.TrimSpace(text))
	_, err = run("token", "revoke", stored.ID)
	require.NoError(t, err)
	_, err = run("token", "revoke", stored.ID)
	require.ErrorContains(t, err, "no such token")
	require.Equal(t, exitBadSetting, exitStatus(err))

	ended, err := run("session", "end", "--all")
	require.NoError(t, err)
	require.Equal(t, "2 sessions ended\n", ended, "the reset ended one")
}

func TestArgumentsThatCannotBeUsed(t *testing.T) {
	run, _, _ := onDatabase(t)
	for want, args := range map[string][]string{
		"the invitation gives nothing":    {"user", "invite", "ada@example.com"},
		"--workspace and --role belong":   {"user", "invite", "ada@example.com", "--workspace", "sales"},
		"it has no @":                     {"user", "invite", "ada", "--admin"},
		"lower-case letters":              {"user", "invite", "ada@example.com", "--workspace", "Sales", "--role", "viewer"},
		"There is no such user.":          {"user", "reset", "ada@example.com"},
		"has a path":                      {"user", "invite", "ada@example.com", "--admin", "--public-url", "https://example.com/crm"},
		"ADDR \"0.0.0.0:80\" does not":    {"user", "invite", "ada@example.com", "--admin", "--addr", "0.0.0.0:80"},
		"--workspace: the role viewer":    {"token", "create", "--name", "n", "--role", "viewer"},
		"must be absent":                  {"token", "create", "--name", "n", "--role", "metrics", "--workspace", "sales"},
		"--expires: \"soon\" cannot":      {"token", "create", "--name", "n", "--role", "metrics", "--expires", "soon"},
		"no such user":                    {"token", "create", "--name", "n", "--role", "viewer", "--workspace", "sales", "--user", "ada@example.com"},
		"name: is missing":                {"token", "create", "--name", "", "--role", "metrics"},
		"add --all":                       {"session", "end"},
		"There is no such token":          {"token", "revoke", "x"},
		"--expires: \"-3h\" cannot be us": {"token", "create", "--name", "n", "--role", "metrics", "--expires=-3h"},
	} {
		_, err := run(args...)
		require.ErrorContains(t, err, want, "%v", args)
		require.Equal(t, exitBadSetting, exitStatus(err), "%v", args)
	}
}

func TestParseLife(t *testing.T) {
	for text, want := range map[string]time.Duration{"never": 0, "1d": day, "90d": 90 * day, "12h": 12 * time.Hour, "1h30m": 90 * time.Minute} {
		got, err := parseLife(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "0d", "-1d", "1.5d", "99999d", "d", "90", "0s", "soon", "2000000h"} {
		_, err := parseLife(text)
		require.Error(t, err, text)
	}
}
