package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"grapevine"
)

// Config is what a [Server] needs. Contacts, Cache, Watermark and Clock are required.
type Config struct {
	Contacts  Contacts
	Cache     Cache
	Watermark Watermark
	Clock     *grapevine.Clock // MongoDB's time

	// MaxStaleness is how far the watermark may be behind MongoDB's time before reads bypass the
	// cache. Zero means 5 s.
	MaxStaleness time.Duration
	// Timeout bounds one request, with every call it makes. Zero means 10 s.
	Timeout time.Duration

	// OperationsOnly leaves /healthz, /readyz and /metrics, for an instance that serves nobody else.
	OperationsOnly bool
	// Ready tells the state of each part for /readyz. Nil means always ready.
	Ready    func(ctx context.Context) Readiness
	Metrics  http.Handler // serves /metrics; nil means 404
	AsyncAPI []byte       // serves /asyncapi.json; nil means 404

	// AllowedHosts are the names, without port, a request may use in Host. Empty means any. Without
	// it, a page elsewhere whose name is rebound to a loopback address could read and write here.
	AllowedHosts []string
	// TrustedProxies may say in X-Forwarded-For for whom they ask. Empty means nobody may.
	TrustedProxies []netip.Prefix

	// MaxInFlight bounds the requests being worked on at once; beyond it the answer is 429. Zero
	// means 4096.
	MaxInFlight int
	// PerClient bounds one client's requests a second, in bursts of twice that. Zero means no bound.
	PerClient float64

	Registerer prometheus.Registerer // nil means no metrics
	Logger     *slog.Logger          // nil means no log
}

func (c Config) withDefaults() Config {
	c.MaxStaleness = cmp.Or(c.MaxStaleness, 5*time.Second)
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	c.MaxInFlight = cmp.Or(c.MaxInFlight, 4096)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Ready == nil {
		c.Ready = func(context.Context) Readiness { return Readiness{Ready: true} }
	}
	return c
}

const (
	maxBody = 1 << 20 // of a request; more is 413
	// drained is how much of a body that is too large is still taken off the wire. fasthttp answers
	// a larger one before it has read it and closes; what the client is still sending then resets the
	// connection, and the client never sees the 413.
	drained      = 5 << 20
	headerBuffer = 8 << 10          // request line and headers; more is 431
	readTimeout  = 10 * time.Second // of a whole request; a slower client is 408
	// writeTimeout bounds one whole answer, an export included: without it a client that does not
	// read keeps its goroutine for ever.
	writeTimeout = 2 * time.Minute
	idleTimeout  = 2 * time.Minute
	// patience is how long a read waits for the watermark to reach Min-Position before it asks
	// MongoDB instead.
	patience = 150 * time.Millisecond
)
