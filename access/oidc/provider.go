package oidc

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"grapevine"
	"grapevine/internal/retry"
)

// provider asks the provider. Its discovery document is read when somebody first signs in, and again after an error.
type provider struct {
	cfg Config
	log retry.FailureLog

	mu     sync.Mutex
	found  *discovered // nil: not read yet
	failed time.Time   // when it was not there the last time
}

// pause is how long a provider that was not there is left alone, so that nobody waits for the tries of others.
const pause = time.Second

// NewClient makes a client for [Config.Client], with certificates in config; nil means those of the system. It keeps no connections,
// because sign-ins are rare.
func NewClient(config *tls.Config) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	transport.DisableKeepAlives = true
	transport.TLSClientConfig = config
	return &http.Client{Timeout: callTimeout, Transport: transport}
}

// discover reads the discovery document once. Those who sign in at the same time wait for one read.
func (p *provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if time.Since(p.failed) < pause {
		return nil, away(errors.New("it did not answer a moment ago"))
	}
	ctx, cancel := p.within(ctx)
	defer cancel()
	found, err := discover(ctx, p.cfg)
	if err != nil {
		p.failed = time.Now()
		return nil, p.away(err)
	}
	p.log.Success()
	p.found = found
	return found, nil
}

// within is the context of a call of the provider.
func (p *provider) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(gooidc.ClientContext(ctx, p.cfg.Client), callTimeout)
}

// away is the error for people while the provider does not do its part. The log has the cause.
func (p *provider) away(err error) error {
	p.log.Failure(err)
	return away(err)
}

func away(err error) error {
	return &grapevine.Error{
		Code: grapevine.Unavailable, Message: "The provider of single sign-on does not answer at present. Sign in by a password, or try again later.",
		RetryAfter: 5 * time.Second, Cause: err,
	}
}

// exchange asks for the tokens of a code.
func (p *provider) exchange(ctx context.Context, found *discovered, code, verifier string) (*oauth2.Token, error) {
	ctx, cancel := p.within(ctx)
	defer cancel()
	token, err := found.settings.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err == nil {
		p.log.Success()
		return token, nil
	}
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok && p.refusesCode(answer) {
		return nil, &grapevine.Error{Code: grapevine.BadRequest, Message: "The provider does not accept the code of this sign-in. Begin again.", Cause: withoutBody(err)}
	}
	return nil, p.away(withoutBody(err))
}

// refusesCode tells a code that is not good from a client that is not: the latter is for an operator to mend.
func (p *provider) refusesCode(answer *oauth2.RetrieveError) bool {
	switch answer.ErrorCode {
	case "invalid_grant":
		return true
	case "":
		return answer.Response != nil && answer.Response.StatusCode == http.StatusBadRequest
	}
	return false
}

// expected is what an ID token has to say.
type expected struct {
	nonce, clientID string
	began, now      time.Time
}

// verify checks the ID token, and asks for the e-mail address where the token does not name it.
func (p *provider) verify(ctx context.Context, found *discovered, token *oauth2.Token, want expected) (said claims, err error) {
	ctx, cancel := p.within(ctx)
	defer cancel()
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return said, badRequest("The provider sent no ID token.")
	}
	// Its own check of times knows no difference of clocks.
	verifier := found.Verifier(&gooidc.Config{ClientID: want.clientID, SkipExpiryCheck: true})
	id, err := verifier.Verify(ctx, raw)
	switch {
	case err != nil && strings.Contains(err.Error(), "fetching keys"): // go-oidc has no type for it
		return said, p.away(err)
	case err != nil:
		return said, p.unfit(err)
	}
	if err := id.Claims(&said); err != nil {
		return said, p.unfit(err)
	}
	if err := said.check(want); err != nil {
		return said, p.unfit(err)
	}
	if said.Email == "" && found.UserInfoEndpoint() != "" {
		err = p.completeFrom(ctx, found, token, &said)
	}
	return said, err
}

// completeFrom adds the e-mail address from the userinfo endpoint.
func (p *provider) completeFrom(ctx context.Context, found *discovered, token *oauth2.Token, said *claims) error {
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return p.away(withoutBody(err))
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return p.unfit(err)
	}
	if more.Subject != said.Subject {
		return p.unfit(errors.New("userinfo is of another subject"))
	}
	said.Email, said.EmailVerified = more.Email, more.EmailVerified
	if said.Name == "" {
		said.Name = more.Name
	}
	return nil
}

// unfit is the error for a token that does not fit. People cannot do anything about it.
func (p *provider) unfit(err error) error {
	p.cfg.Logger.Warn("an ID token of the provider of single sign-on is not acceptable", "err", err)
	return &grapevine.Error{Code: grapevine.BadRequest, Message: "The answer of the provider is not acceptable. Begin again; if it stays so, an admin finds the reason in the log.", Cause: err}
}
