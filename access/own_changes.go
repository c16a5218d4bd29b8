package access

import "grapevine"

// A change that a request makes holds for the next request to the same instance: whoever has read the answer sees the
// effect, although the stream may name the change some milliseconds later. Other instances hear of it from their stream.

// changedUser drops what this instance holds of a user.
func (a *Access) changedUser(id string) {
	a.authorNames.forgetUser(id)
	a.held.nameUser(id, a.held.next())
	a.follows.readUser(id)
}

// changedSession drops what this instance holds of a session.
func (a *Access) changedSession(hash string) {
	a.held.nameSecret(hash, a.held.next())
	a.follows.endSecret(hash)
}

// changedToken drops what this instance holds of a token, by its shown id.
func (a *Access) changedToken(id string) {
	if hash, ok := a.held.hashOfToken(id); ok {
		a.held.nameSecret(hash.String(), a.held.next())
		a.follows.endSecret(hash.String())
	}
}

// next is after every change that the stream has named.
func (h *held) next() grapevine.Position {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return grapevine.Position{Time: h.reached.Time + 1}
}
