package api

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	// secretParams are the names under which other systems take secrets in a query.
	secretParams = []string{"access_token", "token", "secret", "password", "session", "api_key", "authorization"}
	// tokenText is a token of ours, wherever it stands.
	tokenText = regexp.MustCompile(`(?:^|[^A-Za-z0-9_-])gv_[A-Za-z0-9_-]{40,}`)
)

// refuseSecrets refuses a query with a secret in it: proxies and browsers keep addresses in logs and histories.
func refuseSecrets(query string) error {
	if query == "" {
		return nil
	}
	plain, err := url.QueryUnescape(query)
	if err != nil {
		plain = query
	}
	found := tokenText.MatchString(plain)
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		found = found || slices.Contains(secretParams, strings.ToLower(name))
	}
	if found {
		return badRequest("A secret does not belong into an address, where logs and histories keep it. Send a token in the header Authorization, and end this one.")
	}
	return nil
}
