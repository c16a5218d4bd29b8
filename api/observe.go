package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"grapevine"
)

// observer measures and logs requests.
type observer struct {
	duration *prometheus.HistogramVec
	cache    *prometheus.CounterVec

	internal rate.Sometimes // each carries a request id worth finding, but a storm of them is one fact
	away     streak
}

func newObserver(r prometheus.Registerer, l *limiter) *observer {
	o := &observer{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "grapevine_http_request_duration_seconds",
			Help:    "Time to answer a request, until the body was handed over.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		cache: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_http_reads_total",
			Help: "Reads of contacts by what Cache-Status said.",
		}, []string{"cache"}),
		internal: rate.Sometimes{First: 20, Interval: time.Second},
	}
	if r != nil {
		r.MustRegister(o.duration, o.cache, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grapevine_http_requests_in_flight",
			Help: "Requests being worked on.",
		}, func() float64 { return float64(l.inFlight.Load()) }))
	}
	return o
}

// observe is the outermost handler: it turns errors and panics into problem documents, so that the
// status it measures is the one that is sent.
func (s *Server) observe(c *fiber.Ctx) error {
	start := time.Now()
	requestID(c)
	err := protect(c)
	route := c.Route().Path
	if e, ok := err.(*fiber.Error); ok && e.Code == fiber.StatusNotFound { //nolint:errorlint // Fiber's own 404 is never wrapped
		route = "none"
	}
	if err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	status := c.Response().StatusCode()
	elapsed := time.Since(start)
	s.observer.duration.WithLabelValues(c.Method(), route, strconv.Itoa(status)).Observe(elapsed.Seconds())
	if ctx := context.Background(); s.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "request",
			slog.String("method", c.Method()), slog.String("path", c.Path()), slog.Int("status", status),
			slog.Duration("took", elapsed), slog.String("client", s.ClientAddr(c).String()), slog.String("requestId", requestID(c)))
	}
	return nil
}

// protect turns a panic of a handler into an error.
func protect(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicked{value: r, stack: debug.Stack()}
		}
	}()
	return c.Next()
}

type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// report logs what is our fault or MongoDB's. What is the client's is in the access log and metrics.
func (s *Server) report(c *fiber.Ctx, p problem, err error) {
	attrs := []any{"method", c.Method(), "path", c.Path(), "requestId", p.RequestID, "error", err}
	switch p.Status {
	case http.StatusInternalServerError:
		if e, ok := err.(*panicked); ok { //nolint:errorlint // made by protect just above, never wrapped
			attrs = append(attrs, "stack", string(e.stack))
		}
		s.observer.internal.Do(func() { s.cfg.Logger.Error("request failed", attrs...) })
	case http.StatusServiceUnavailable:
		if p.Code == grapevine.Unavailable {
			if n, ok := s.observer.away.failed(time.Now()); ok {
				s.cfg.Logger.Warn("MongoDB is away", append(attrs, "streak", n)...)
			}
		}
	}
}

// mongoAnswered notes that a call of MongoDB worked, and says so once after a streak of failures.
func (s *Server) mongoAnswered() {
	if n := s.observer.away.recovered(); n > 0 {
		s.cfg.Logger.Info("MongoDB recovered", "streak", n)
	}
}

// streak counts failures in a row and lets one line through every ten seconds.
type streak struct {
	mu     sync.Mutex
	n      int
	logged time.Time
}

func (s *streak) failed(now time.Time) (n int, log bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	log = s.n == 1 || now.Sub(s.logged) >= 10*time.Second
	if log {
		s.logged = now
	}
	return s.n, log
}

func (s *streak) recovered() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, s.n = s.n, 0
	return n
}
