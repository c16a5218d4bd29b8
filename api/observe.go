package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"grapevine/internal/retry"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"grapevine"
)

// observer measures and logs requests.
type observer struct {
	metrics  requestMetrics
	internal rate.Sometimes // limits the log of internal errors, so that many at once do not fill it
	mongo    retry.FailureLog
}

func newObserver(r prometheus.Registerer, log *slog.Logger, inFlight *atomic.Int64) *observer {
	return &observer{
		metrics:  newRequestMetrics(r, inFlight),
		internal: rate.Sometimes{First: 20, Interval: time.Second},
		mongo: retry.FailureLog{
			Logger: log, Failed: "MongoDB does not answer; requests get status 503 until it does",
			Recovered: "MongoDB answers requests again",
		},
	}
}

// observe is the outermost handler. It turns errors and panics into problem documents itself, so that
// it measures the status that is sent.
func (s *Server) observe(c *fiber.Ctx) error {
	start := time.Now()
	requestID(c)
	err := answerOptions(c, recoverPanic(c))
	route := c.Route().Path
	if e, ok := err.(*fiber.Error); ok && e.Code == fiber.StatusNotFound { //nolint:errorlint // Fiber's own 404 is never wrapped
		route = "none"
	}
	if err != nil {
		if err := s.respondError(c, err); err != nil {
			return err
		}
	} else {
		setSecurityHeaders(c)
	}
	status := c.Response().StatusCode()
	if s.ending.Load() && status != fiber.StatusSwitchingProtocols {
		c.Response().Header.SetConnectionClose()
	}
	elapsed := time.Since(start)
	s.observer.metrics.duration.WithLabelValues(c.Method(), route, strconv.Itoa(status)).Observe(elapsed.Seconds())
	if ctx := context.Background(); s.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "request",
			slog.String("method", c.Method()), slog.String("path", c.Path()), slog.Int("status", status),
			slog.Duration("took", elapsed), slog.String("client", s.ClientAddr(c).String()), slog.String("requestId", requestID(c)))
	}
	return nil
}

// recoverPanic runs the handler and turns a panic into an error.
func recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{value: r, stack: debug.Stack()}
		}
	}()
	return c.Next()
}

type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// report logs an error that is the fault of the server or of MongoDB. A client's errors are in the
// metrics and, at level debug, in the line of their request.
func (s *Server) report(c *fiber.Ctx, p problem, err error) {
	attrs := []any{"method", c.Method(), "path", c.Path(), "requestId", p.RequestID}
	switch p.Code {
	case grapevine.Internal:
		attrs = append(attrs, "err", err)
		if e, ok := err.(*panicError); ok { //nolint:errorlint // made by recoverPanic, never wrapped
			attrs = append(attrs, "stack", string(e.stack))
		}
		s.observer.internal.Do(func() { s.cfg.Logger.Error("request failed", attrs...) })
	case grapevine.Unavailable:
		if e, ok := errors.AsType[*grapevine.Error](err); ok && e.Cause == nil {
			return // this instance refused the request itself, and says so elsewhere
		}
		s.observer.mongo.Failure(err, attrs...)
	}
}

// mongoAnswered ends a run of failures of MongoDB in the log.
func (s *Server) mongoAnswered() { s.observer.mongo.Success() }
