package api

import (
	"net"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"grapevine/internal/edge"
)

// Server is the HTTP server. Make one with [New], mount further routes on [Server.App], and listen
// with the app.
type Server struct {
	cfg      Config
	app      *fiber.App
	rates    *edge.RateLimiter
	inFlight atomic.Int64 // requests being worked on
	exports  *edge.Quota  // exports being streamed
	slow     *edge.Quota  // clients that keep the server waiting
	ending   atomic.Bool  // connections end with their next answer
	hints    *edge.HintLog
	uploads  *fasthttp.Server
	turns    chan struct{} // holds one element for each large body that is being read
	observer *observer
}

// New makes a server with every route of this package.
func New(cfg Config) *Server {
	s := &Server{
		cfg: cfg.withDefaults(), turns: make(chan struct{}, maxLarge),
		exports: edge.NewQuota(maxExports, maxExportsPerClient), slow: edge.NewQuota(maxSlow, maxSlowPerClient),
	}
	s.hints = edge.NewHintLog(s.cfg.Logger)
	s.rates = edge.NewRateLimiter(s.cfg.PerClient)
	s.observer = newObserver(s.cfg.Registerer, s.cfg.Logger, &s.inFlight)
	s.app = fiber.New(fiber.Config{
		AppName:               "grapevine",
		DisableStartupMessage: true,
		ErrorHandler:          s.respondError,

		Immutable:     true, // handlers keep strings of a request; the next request must not change them
		CaseSensitive: true,
		StrictRouting: true,
		// With an empty list of proxies, Fiber itself believes no forwarded header. Only
		// [Server.ClientAddr] reads them.
		EnableTrustedProxyCheck: true,

		BodyLimit:                    maxDrain,
		ReadBufferSize:               s.cfg.MaxHeaderBytes + maxRequestLine,
		WriteBufferSize:              writeBuffer,
		ReduceMemoryUsage:            true, // an idle connection and a socket hold no buffer
		ReadTimeout:                  headerTimeout,
		IdleTimeout:                  idleTimeout,
		DisablePreParseMultipartForm: true,
	})
	handle := s.app.Server().Handler
	s.app.Server().Handler = func(c *fasthttp.RequestCtx) {
		prepareRequest(c)
		handle(c)
	}
	s.uploads = s.newUploadServer()
	handleAny := s.app.Server().Handler
	s.app.Server().Handler = func(c *fasthttp.RequestCtx) {
		if isUpload(&c.Request.Header) {
			s.handOver(c)
			return
		}
		handleAny(c)
	}
	s.app.Server().HeaderReceived = expectBody
	fasthttp.SetBodySizePoolLimit(largeBody, largeBody) // its pools would keep the memory of larger ones
	s.app.Server().ExpectHandler = s.refuseBeforeBody
	s.app.Use(s.observe, compressJSON, s.refuseUnsafe, s.limitRequests)
	s.mount()
	return s
}

// expectBody leaves a file to the second server.
func expectBody(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if isUpload(h) {
		h.SetContentLength(0)
	}
	return limitBodyTime(h)
}

// limitBodyTime gives the body of a request a time limit of its own: the pace of the client, not a whole.
func limitBodyTime(h *fasthttp.RequestHeader) (limits fasthttp.RequestConfig) {
	if length := h.ContentLength(); length > 0 || length == -1 { // -1 is a chunked body
		limits.ReadTimeout = edge.BodyTimeout
	}
	return limits
}

// Serve answers requests until the app is shut down or the listener fails.
func (s *Server) Serve(listener net.Listener) error {
	return s.app.Listener(&edge.PacedListener{Listener: listener, Pace: pace, Slow: s.slow})
}

// EndConnections makes each further answer the last of its connection. The clients of an instance that will stop then
// connect to another one before they have to.
func (s *Server) EndConnections() { s.ending.Store(true) }

// App is the Fiber app with the routes. Others may mount routes on it before it listens: they get the
// same checks and headers, and their errors become problem documents.
func (s *Server) App() *fiber.App { return s.app }
