// Package oidc signs people in at a provider of single sign-on, by OpenID Connect: the code flow with PKCE, state and nonce.
//
// oidc.go has the two ends of the flow, flow.go what the browser carries between them, provider.go asks the provider, and claims.go
// judges what it says. Who gets which account is decided in package access.
package oidc

import (
	"cmp"
	"context"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"grapevine"
	"grapevine/access"
	"grapevine/internal/retry"
)

// Config configures an [OIDC]. Access, Issuer, ClientID and PublicURL are required.
type Config struct {
	Access       *access.Access
	Issuer       string   // as its discovery document names it
	ClientID     string   // of this instance at the provider
	ClientSecret string   // empty for a public client
	Domains      []string // of e-mail addresses that may sign in; none means all
	PublicURL    string   // scheme, host and port; the redirect URI is it and /oidc/callback

	Client *http.Client // nil means NewClient(nil)
	Logger *slog.Logger // nil means no log
}

const (
	callTimeout = 5 * time.Second  // of a call of the provider
	life        = 10 * time.Minute // of a flow, from Start to Callback
	leeway      = time.Minute      // difference between the provider's clock and ours
)

// OIDC signs people in at one provider. The provider is asked when somebody signs in, not before.
type OIDC struct {
	cfg      Config
	provider provider
	now      func() time.Time
}

// New makes an OIDC. It calls nobody.
func New(cfg Config) *OIDC {
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	cfg.Client = cmp.Or(cfg.Client, NewClient(nil))
	return &OIDC{cfg: cfg, now: time.Now, provider: provider{cfg: cfg, log: retry.FailureLog{
		Logger:    cfg.Logger,
		Failed:    "the provider of single sign-on (OIDC_ISSUER) does not answer; passwords work",
		Recovered: "the provider of single sign-on answers again",
	}}}
}

// Start begins a sign-in. next is the page to which the person goes afterwards. p is who is signed in and asked to be linked: an account at the
// provider that is linked to nobody will be linked to this user. redirectURL is at the provider, and cookie binds the flow to the browser for 10 minutes. It is Unavailable
// while the provider does not answer.
func (o *OIDC) Start(ctx context.Context, next string, p *grapevine.Principal) (redirectURL, cookie string, err error) {
	found, err := o.provider.discover(ctx)
	if err != nil {
		return "", "", err
	}
	f := newFlow(next, o.now())
	if !p.IsNobody() && p.Kind == grapevine.ByUser {
		f.Session = p.Session
	}
	if cookie, err = o.seal(f); err != nil {
		return "", "", err
	}
	return found.settings.AuthCodeURL(f.State, gooidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), cookie, nil
}

// Callback ends a sign-in with the query with which the provider sent the browser back. It is BadRequest for a flow that this browser did not
// begin, that is over or was used, and for an answer that does not fit; Forbidden for a person who has no account here; Unavailable
// while the provider or MongoDB does not answer.
func (o *OIDC) Callback(ctx context.Context, query url.Values, cookie string, address netip.Addr, browser string) (signed access.SignedIn, next string, err error) {
	f, err := o.open(cookie)
	if err != nil {
		return access.SignedIn{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(one(query, "state")), []byte(f.State)) != 1 {
		return access.SignedIn{}, "", badRequest("The answer of the provider belongs to another sign-in. Begin again.")
	}
	fresh, err := o.cfg.Access.UseState(ctx, f.State, f.ends().Add(leeway))
	switch {
	case err != nil:
		return access.SignedIn{}, "", err
	case !fresh:
		return access.SignedIn{}, "", badRequest("This sign-in was used already. Begin again.")
	}
	identity, err := o.identify(ctx, query, f)
	if err != nil {
		return access.SignedIn{}, "", err
	}
	signed, err = o.cfg.Access.SignInBy(ctx, identity, f.Session, address, browser)
	return signed, f.Next, err
}

// identify asks the provider who came back.
func (o *OIDC) identify(ctx context.Context, query url.Values, f flow) (id access.Identity, err error) {
	if query.Has("iss") && one(query, "iss") != o.cfg.Issuer {
		return id, badRequest("The answer comes from another provider than this sign-in began with. Begin again.")
	}
	if query.Has("error") {
		o.cfg.Logger.Info("the provider of single sign-on refused a sign-in", "error", shortened(one(query, "error")))
		return id, &grapevine.Error{Code: grapevine.Forbidden, Message: "The provider did not sign you in. Try again, or sign in by a password."}
	}
	code := one(query, "code")
	if code == "" {
		return id, badRequest("The answer of the provider has no code. Begin again.")
	}
	found, err := o.provider.discover(ctx)
	if err != nil {
		return id, err
	}
	if found.namesItself && !query.Has("iss") {
		return id, badRequest("The answer does not say from which provider it comes. Begin again.")
	}
	token, err := o.provider.exchange(ctx, found, code, f.Verifier)
	if err != nil {
		return id, err
	}
	said, err := o.provider.verify(ctx, found, token, expected{nonce: f.Nonce, began: f.Began, now: o.now(), clientID: o.cfg.ClientID})
	if err != nil {
		return id, err
	}
	return o.judge(said)
}

// one is the value of a parameter that is there exactly once.
func one(query url.Values, name string) string {
	if values := query[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

func shortened(text string) string { return text[:min(len(text), 100)] }

func badRequest(message string) error {
	return &grapevine.Error{Code: grapevine.BadRequest, Message: message}
}
