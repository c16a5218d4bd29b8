package access

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"grapevine"
)

// retryAfter is when a request that met a MongoDB without an answer may come again.
const retryAfter = time.Second

var (
	errNoSession = &grapevine.Error{Code: grapevine.Unauthorized, Message: "There is no such session, or it is over. Sign in again"}
	errNoToken   = &grapevine.Error{Code: grapevine.Unauthorized, Message: "There is no such token, or it is over. Ask whoever gave it to you for another one"}
	errNobody    = &grapevine.Error{Code: grapevine.Unauthorized, Message: "This needs a sign-in or a token"}

	errNotAsked = errors.New("MongoDB did not answer a moment ago, and is asked again soon")
)

type addressKey struct{}

// WithAddress returns a context for [Access.BySession] that names the address which a request came from. Look-ups of
// unknown secrets are bounded by it.
func WithAddress(ctx context.Context, address netip.Addr) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// BySession finds whose session a secret is of. It is Unauthorized if MongoDB answered that there is no such session, or
// it gives no right. It is Unavailable if MongoDB does not answer; then a principal who was proven within the last minute
// is returned with Unproven.
func (a *Access) BySession(ctx context.Context, secret string) (*grapevine.Principal, error) {
	hash, ok := sumSecret(secret)
	if !ok {
		return nil, errNoSession
	}
	if p := a.heldPrincipal(hash); p != nil && p.Session != "" {
		return p, nil
	}
	address, _ := ctx.Value(addressKey{}).(netip.Addr)
	return a.ask(ctx, ofSession, hash, address, errNoSession)
}

// ByToken finds who a token is, by its whole text. Its errors are those of [Access.BySession], and TooMany if the address
// asked for many unknown ones. The checksum in the text is not looked at: it helps those who search for leaked tokens, and
// people may store a token with a text of their own.
func (a *Access) ByToken(ctx context.Context, text string, address netip.Addr) (*grapevine.Principal, error) {
	hash, ok := sumSecret(text)
	if !ok || !strings.HasPrefix(text, tokenStart) {
		return nil, errNoToken
	}
	if p := a.heldPrincipal(hash); p != nil && p.Session == "" {
		return p, nil
	}
	return a.ask(ctx, ofToken, hash, address, errNoToken)
}

// Current looks at the same session or token again. Its errors are those of [Access.BySession].
func (a *Access) Current(ctx context.Context, p *grapevine.Principal) (*grapevine.Principal, error) {
	switch {
	case p == grapevine.Anyone:
		return p, nil
	case p.IsNobody():
		return nil, errNobody
	case p.Kind == grapevine.ByToken:
		return a.byTokenID(ctx, p.ID)
	case p.Session == "":
		return a.ByAuthor(ctx, p.Author())
	}
	hash, ok := parseSecretHash(p.Session)
	if !ok {
		return nil, errNoSession
	}
	if current := a.heldPrincipal(hash); current != nil {
		return current, nil
	}
	return a.ask(ctx, ofSession, hash, netip.Addr{}, errNoSession)
}

// ByAuthor finds the rights that a user or token has now, by its id. An author of another kind is Unauthorized. It is
// Unavailable if MongoDB does not answer.
func (a *Access) ByAuthor(ctx context.Context, author grapevine.Author) (*grapevine.Principal, error) {
	switch author.Kind {
	case grapevine.ByToken:
		return a.byTokenID(ctx, author.ID)
	case grapevine.ByUser:
		return a.readOne(ctx, ofUser, author.ID)
	}
	return nil, errNobody
}

// byTokenID finds a token by its shown id.
func (a *Access) byTokenID(ctx context.Context, id string) (*grapevine.Principal, error) {
	hash, ok := a.held.hashOfToken(id)
	if !ok {
		return a.readOne(ctx, ofTokenID, id)
	}
	if p := a.heldPrincipal(hash); p != nil {
		return p, nil
	}
	return a.ask(ctx, ofToken, hash, netip.Addr{}, errNoToken)
}

// readOne reads a right that is not held in memory.
func (a *Access) readOne(ctx context.Context, kind subjectKind, id string) (*grapevine.Principal, error) {
	if !a.mongo.allow() {
		return nil, unavailable(errNotAsked)
	}
	found, err := a.load(ctx, kind, []string{id}, a.held.start().reached)
	if ctx.Err() == nil {
		a.reportMongo(err)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	if r := found[id]; r != nil {
		return r.principal, nil
	}
	return nil, errNobody
}

// heldPrincipal is the principal that memory holds, if it counts now. It is the path of nearly every request.
func (a *Access) heldPrincipal(hash secretHash) *grapevine.Principal {
	h := a.held.get(hash)
	if h == nil || !a.counts(h) {
		return nil
	}
	now := a.now()
	if h.isOver(now) {
		return nil // another instance may have noted a later use
	}
	a.metrics.memory.Inc()
	a.touch(h, now)
	return h.principal
}

// counts reports whether a right in memory is proven now: by the stream, or by a read of the last second.
func (a *Access) counts(h *heldRight) bool {
	now := a.proof.now()
	return a.proof.holds(h.stream, now) || now-h.began < a.times.shared
}

// ask finds a right in Redis or MongoDB. none is the error if there is no such right.
func (a *Access) ask(ctx context.Context, kind subjectKind, hash secretHash, address netip.Addr, none error) (*grapevine.Principal, error) {
	if known := a.heldOfKind(kind, hash); known != nil {
		address = netip.Addr{} // nobody guesses
	}
	end, err := a.lookUps.begin(ctx, address, a.proof.now)
	if err != nil {
		a.metrics.tooMany.Inc()
		return nil, err
	}
	h, err := a.find(ctx, kind, hash)
	end(err == nil && h == nil)
	now := a.now()
	switch {
	case err != nil:
		return a.fallBack(a.heldOfKind(kind, hash), now, err)
	case h == nil || h.isOver(now):
		if a.heldOfKind(kind, hash) != nil {
			a.held.nameSecret(hash.String(), a.held.next()) // before the stream does
		}
		a.metrics.refused.Inc()
		return nil, none
	}
	a.touch(h, now)
	return h.principal, nil
}

// heldOfKind is what memory holds, unless that is a token and a session is asked for, or the other way round.
func (a *Access) heldOfKind(kind subjectKind, hash secretHash) *heldRight {
	h := a.held.get(hash)
	if h != nil && (h.principal.Session != "") != (kind == ofSession) {
		return nil
	}
	return h
}

// find looks in Redis and then in MongoDB. It is nil if there is no such right.
func (a *Access) find(ctx context.Context, kind subjectKind, hash secretHash) (*heldRight, error) {
	if kind == ofSession && a.proof.isFresh() {
		if entry := a.sessionCache.get(ctx, hash); entry != nil {
			if h := a.held.trust(hash, entry.right(), entry.At); h != nil && !h.isOver(a.now()) {
				a.metrics.redis.Inc()
				return h, nil
			}
		}
	}
	a.metrics.mongo.Inc()
	return a.read(ctx, kind, hash)
}

// fallBack lets somebody go on reading who was proven within the last minute.
func (a *Access) fallBack(known *heldRight, now time.Time, cause error) (*grapevine.Principal, error) {
	if known != nil && !known.isOver(now) && a.proof.now()-a.held.lastProven(known) < a.times.grace {
		a.metrics.unproven.Inc()
		return known.asUnproven(), nil
	}
	a.metrics.unavailable.Inc()
	return nil, cause
}
