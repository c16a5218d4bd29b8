package app

import (
	"net"

	"grapevine/internal/realtest/accounts"
)

// signInOn is a change of the settings: people sign in.
func signInOn(c *Config) { c.Auth, c.Insecure = AuthOn, false }

// accounts makes users, sessions and tokens in MongoDB, past the API.
func (i *instance) accounts() accounts.Accounts {
	i.t.Helper()
	return accounts.In(i.t, i.db)
}

// as is the instance for a program with a token: its requests and sockets carry it.
func (i *instance) as(token string) *instance {
	name, value := accounts.Bearer(token)
	return i.with(name, value)
}

// signedIn is the instance for the browser with a session: its requests and sockets carry the cookie, and the Origin of
// the page.
func (i *instance) signedIn(secret string) *instance {
	_, port, _ := net.SplitHostPort(i.Addr())
	return i.with("Cookie", "session-"+port+"="+secret, "Origin", "http://"+i.Addr(), "Sec-Fetch-Site", "same-origin")
}

func (i *instance) with(headers ...string) *instance {
	other := *i
	other.headers = headers
	return &other
}
