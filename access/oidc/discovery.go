package oidc

import (
	"context"
	"slices"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// discovered is what the discovery document says.
type discovered struct {
	*gooidc.Provider
	settings    *oauth2.Config
	namesItself bool // when it sends the browser back (RFC 9207)
}

func discover(ctx context.Context, cfg Config) (*discovered, error) {
	p, err := gooidc.NewProvider(ctx, cfg.Issuer)
	if err != nil {
		return nil, err
	}
	var document struct {
		Methods     []string `json:"token_endpoint_auth_methods_supported"`
		NamesItself bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&document); err != nil {
		return nil, err
	}
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // what every provider has, unless it says otherwise
	if cfg.ClientSecret == "" || slices.Contains(document.Methods, "client_secret_post") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &discovered{p, &oauth2.Config{
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Endpoint: endpoint,
		RedirectURL: cfg.PublicURL + "/oidc/callback", Scopes: []string{gooidc.ScopeOpenID, "email", "profile"},
	}, document.NamesItself}, nil
}
