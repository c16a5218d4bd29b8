package oidc

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"time"

	"golang.org/x/oauth2"
)

// flow is one sign-in, between Start and Callback. The browser carries it, encrypted, in a cookie: no instance remembers it, and nobody else can
// come back with it.
type flow struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"` // of PKCE
	Next     string    `json:"x,omitempty"`
	Session  string    `json:"u,omitempty"` // hash of the session in which it began
	Began    time.Time `json:"t"`
}

func newFlow(next string, now time.Time) flow {
	return flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: next, Began: now}
}

func (f flow) ends() time.Time { return f.Began.Add(life) }

// maxCookie is the longest cookie that browsers keep, with room for its name and attributes.
const maxCookie = 3500

// cipher encrypts and signs with a key that all instances share.
func (o *OIDC) cipher() (cipher.AEAD, error) {
	key, err := o.cfg.Access.CookieKey("oidc")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (o *OIDC) seal(f flow) (cookie string, err error) {
	sealer, err := o.cipher()
	if err != nil {
		return "", err
	}
	if cookie, err = sealed(sealer, f); err == nil && len(cookie) > maxCookie {
		f.Next = "" // a page with a long address; the person goes to the first one
		cookie, err = sealed(sealer, f)
	}
	return cookie, err
}

func sealed(sealer cipher.AEAD, f flow) (string, error) {
	plain, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealer.Seal(nil, nil, plain, nil)), nil
}

// open is BadRequest for a cookie that this instance or another one did not make, and for one that is over.
func (o *OIDC) open(cookie string) (f flow, err error) {
	foreign := badRequest("This browser began no sign-in at the provider, or it took longer than 10 minutes. Begin again.")
	code, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || cookie == "" {
		return f, foreign
	}
	sealer, err := o.cipher()
	if err != nil {
		return f, err
	}
	plain, err := sealer.Open(nil, nil, code, nil)
	if err != nil || json.Unmarshal(plain, &f) != nil || f.State == "" || o.now().After(f.ends()) {
		return flow{}, foreign
	}
	return f, nil
}
