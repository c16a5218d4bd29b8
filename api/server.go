package api

import (
	"slices"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"grapevine/internal/edge"
)

// Server is the HTTP side. Make one with [New], mount what else there is on [Server.App], and listen
// with that.
type Server struct {
	cfg      Config
	app      *fiber.App
	rates    *edge.RateLimiter
	inFlight atomic.Int64 // requests being worked on
	observer *observer
	exports  atomic.Int64 // streaming now
}

// New makes a server with every route of this package.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg.withDefaults()}
	s.rates = edge.NewRateLimiter(s.cfg.PerClient)
	s.observer = newObserver(s.cfg.Registerer, s.cfg.Logger, &s.inFlight)
	s.app = fiber.New(fiber.Config{
		AppName:               "grapevine",
		DisableStartupMessage: true,
		ErrorHandler:          s.fail,

		Immutable:     true, // what a handler keeps of a request must not change with the next one
		CaseSensitive: true,
		StrictRouting: true,
		// With an empty list of proxies: nothing of Fiber believes a forwarded header. Who asks is
		// clientAddr's to say.
		EnableTrustedProxyCheck: true,

		BodyLimit:                    drained,
		ReadBufferSize:               headerBuffer,
		WriteBufferSize:              headerBuffer,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		DisablePreParseMultipartForm: true,
	})
	handle := s.app.Server().Handler
	s.app.Server().Handler = func(c *fasthttp.RequestCtx) {
		// Fiber answers a method it does not know in plain text, past every handler. TRACE is one
		// that nobody handles either, and so gets the 405 or 404 of its path.
		if !slices.Contains(fiber.DefaultMethods, string(c.Method())) {
			c.Request.Header.SetMethod(fiber.MethodTrace)
		}
		handle(c)
	}
	s.app.Use(s.observe, s.refuseUnsafe, s.limit)
	s.mount()
	return s
}

// App is the Fiber app that serves the routes; others may be mounted on it before it listens. Their
// requests pass the same guards, and their errors become problem documents.
func (s *Server) App() *fiber.App { return s.app }
