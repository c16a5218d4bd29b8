package password

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// Config configures a [Hasher].
type Config struct {
	Params Params // zero means Standard
	Line   LineConfig

	Registerer prometheus.Registerer // nil means no metrics
}

// Hasher makes and verifies hashes, a few at a time. Safe for concurrent use.
type Hasher struct {
	params Params
	dummy  hash
	line   *line
}

// New makes a Hasher.
func New(cfg Config) *Hasher {
	if cfg.Params == (Params{}) {
		cfg.Params = Standard
	}
	h := &Hasher{params: cfg.Params, dummy: cfg.Params.dummy(), line: newLine(cfg.Line)}
	if cfg.Registerer != nil {
		cfg.Registerer.MustRegister(collector{h.line})
	}
	return h
}

// Hash makes the hash of a new password. The caller has checked it with [Problem], and knows the person by a link or a session:
// known is that link or account. It is TooMany if the line is full, or if known has a place there.
func (h *Hasher) Hash(ctx context.Context, known, password string) (phc string, err error) {
	leave, err := h.line.enter(ctx, Visitor{Known: known})
	if err != nil {
		return "", err
	}
	defer leave()
	return h.params.make(password), nil
}

// Verify reports whether phc is the hash of the password. An empty one is no password's, and takes as long as another one. It is TooMany if the
// line is full; any other error says what is wrong with phc, which then also is no password's.
func (h *Hasher) Verify(ctx context.Context, v Visitor, phc, password string) (bool, error) {
	stored, unreadable := h.dummy, error(nil)
	if phc != "" {
		if stored, unreadable = parse(phc); unreadable != nil {
			stored = h.dummy
		}
	}
	leave, err := h.line.enter(ctx, v)
	if err != nil {
		return false, err
	}
	defer leave()
	return stored.matches(password) && phc != "" && unreadable == nil, unreadable
}
