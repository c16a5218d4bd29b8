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
	"grapevine/internal/edge"
)

// Config configures a [Server]. Contacts, Imports, Cache, Watermark and Clock are required.
type Config struct {
	Contacts  Contacts
	Imports   Imports
	Cache     Cache
	Watermark WatermarkReader
	Clock     *grapevine.Clock // MongoDB's time

	// MaxImport is the size of the largest file in bytes. Zero means 256 MiB.
	MaxImport int64
	// ImportObstacle says in a sentence why no import begins at present; empty if one does. Nil means that one does.
	ImportObstacle func(ctx context.Context) string
	// MaxStaleness is how far the watermark may be behind MongoDB's time before reads bypass the
	// cache. Zero means 5 s.
	MaxStaleness time.Duration
	// Timeout is for one request with all its calls. Zero means 10 s.
	Timeout time.Duration

	// OperationsOnly serves /healthz, /readyz and /metrics alone, for an instance without the role api.
	OperationsOnly bool
	// Gate is asked before every request for contacts; write is whether the request may change some. It
	// answers at once, and nil lets the request in. A nil Gate lets every request in.
	Gate func(write bool) *Refusal
	// Ready returns the state of each part for /readyz. Nil means always ready.
	Ready    func(ctx context.Context) Readiness
	Metrics  http.Handler // serves /metrics; nil means 404
	AsyncAPI []byte       // serves /asyncapi.json; nil means 404

	// AllowedHosts are the names, without port, that a request may have in Host. Empty means any. The
	// list stops DNS rebinding: a foreign page whose name resolves to a loopback address could
	// otherwise read and write here.
	AllowedHosts []string
	// Origins are the pages, beside those of this host, that may write, as "https://host[:port]". "*" is ignored: any
	// page of the Web could then change contacts in the name of its visitors.
	Origins []string
	// TrustedProxies are the networks whose X-Forwarded-For is believed. Empty means none.
	TrustedProxies []netip.Prefix

	// MaxHeaderBytes limits the headers of one request; more is 431. Zero means 32 KiB. A connection needs that much
	// memory while a request is read.
	MaxHeaderBytes int
	// MaxInFlight limits the requests that are worked on at once; above it the answer is 429. Zero
	// means 4096.
	MaxInFlight int
	// PerClient limits one client's requests per second, in bursts of twice that. Zero means no limit.
	PerClient float64

	Registerer prometheus.Registerer // nil means no metrics
	Logger     *slog.Logger          // nil means no log
}

func (c Config) withDefaults() Config {
	c.MaxImport = cmp.Or(c.MaxImport, 256<<20)
	if c.ImportObstacle == nil {
		c.ImportObstacle = func(context.Context) string { return "" }
	}
	c.MaxStaleness = cmp.Or(c.MaxStaleness, 5*time.Second)
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	c.MaxHeaderBytes = cmp.Or(c.MaxHeaderBytes, 32<<10)
	c.MaxInFlight = cmp.Or(c.MaxInFlight, 4096)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Gate == nil {
		c.Gate = func(bool) *Refusal { return nil }
	}
	if c.Ready == nil {
		c.Ready = func(context.Context) Readiness { return Readiness{Ready: true} }
	}
	return c
}

// pace is how slow a client may be when it sends a body or reads an answer. A client that pauses for longer than the
// window, or is slower on average, is cut off. One that sends a body gets 408.
var pace = edge.Pace{Window: 15 * time.Second, Bytes: 15 << 10}

const (
	maxBody = 1 << 20 // of a request; a larger body is 413
	// maxDrain is how much of a body over the limit is still read. fasthttp answers a larger body
	// before it has read it, and closes. The bytes that the client is still sending then reset the
	// connection, and the client never sees the 413.
	maxDrain = 5 << 20
	// maxRequestLine is how many bytes a request line may add to Config.MaxHeaderBytes.
	maxRequestLine = 8 << 10
	writeBuffer    = 8 << 10          // of one connection while it answers
	headerTimeout  = 10 * time.Second // of all headers; a slower client gets 408
	idleTimeout    = 2 * time.Minute
	// maxSlow limits the clients that keep the server waiting while they send a body or read an answer. Each holds
	// the body or the answer in memory. One client network can be only a part of them.
	maxSlow          = 256
	maxSlowPerClient = 32
	// watermarkWait is how long a read waits for the watermark to reach Min-Position. After that it
	// asks MongoDB instead.
	watermarkWait = 150 * time.Millisecond
)
