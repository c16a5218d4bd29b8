package oidc

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"grapevine"
	"grapevine/access"
)

// claims are what an ID token says.
type claims struct {
	Subject       string          `json:"sub"`
	Audience      audience        `json:"aud"`
	Party         string          `json:"azp"`
	Nonce         string          `json:"nonce"`
	Expires       seconds         `json:"exp"`
	Issued        seconds         `json:"iat"`
	NotBefore     seconds         `json:"nbf"`
	Email         string          `json:"email"`
	EmailVerified json.RawMessage `json:"email_verified"` // some providers send a text, and some send it for every address
	Name          string          `json:"name"`
}

// seconds is a time since 1970, which may have a fraction; zero means absent.
type seconds float64

func (s seconds) time() time.Time { return time.UnixMilli(int64(float64(s) * 1000)) }

// audience is a text or a list of texts.
type audience []string

func (a *audience) UnmarshalJSON(data []byte) error {
	var single string
	if json.Unmarshal(data, &single) == nil {
		*a = audience{single}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// check judges what go-oidc leaves to its caller. It has checked the signature, the issuer and that we are in the audience.
func (c *claims) check(want expected) error {
	switch {
	case c.Subject == "" || len(c.Subject) > 255: // the most that OpenID Connect allows
		return errors.New("it has no subject of 1 to 255 characters")
	case c.Nonce != want.nonce:
		return errors.New("its nonce is not that of this sign-in")
	case len(c.Audience) > 1 && c.Party == "":
		return errors.New("it is for several parties and names none as the one that asked (azp)")
	case c.Party != "" && c.Party != want.clientID:
		return fmt.Errorf("another client asked for it: azp is %.100q", c.Party)
	case c.Expires == 0 || c.Issued == 0:
		return errors.New("it has no time of issue or of expiry")
	case !want.now.Before(c.Expires.time().Add(leeway)):
		return fmt.Errorf("it expired at %v; compare the clocks", c.Expires.time().UTC())
	case c.Issued.time().After(want.now.Add(leeway)):
		return fmt.Errorf("it was issued at %v, which is in the future; compare the clocks", c.Issued.time().UTC())
	case c.Issued.time().Before(want.began.Add(-leeway - time.Second)): // the time of issue has whole seconds
		return fmt.Errorf("it was issued at %v, before this sign-in began; compare the clocks", c.Issued.time().UTC())
	case c.NotBefore != 0 && c.NotBefore.time().After(want.now.Add(leeway)):
		return fmt.Errorf("it is good from %v; compare the clocks", c.NotBefore.time().UTC())
	}
	return nil
}

// judge turns claims into an identity, if its domain may sign in.
func (o *OIDC) judge(said claims) (access.Identity, error) {
	id := access.Identity{
		OIDCLink: access.OIDCLink{Issuer: o.cfg.Issuer, Subject: said.Subject},
		Email:    said.Email, Verified: string(said.EmailVerified) == "true", Name: said.Name,
	}
	if len(o.cfg.Domains) == 0 {
		return id, nil
	}
	email, err := access.NormalizeEmail(said.Email)
	_, domain, _ := strings.Cut(email, "@")
	allowed := slices.ContainsFunc(o.cfg.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
	if err != nil || !id.Verified || !allowed {
		return id, &grapevine.Error{Code: grapevine.Forbidden, Message: "Your e-mail address at the provider is not in a domain that may sign in here (OIDC_DOMAINS), or is not verified."}
	}
	return id, nil
}
