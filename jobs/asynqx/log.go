package asynqx

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/hibiken/asynq"

	"grapevine/internal/retry"
)

// Logger passes Asynq's log lines to slog. Asynq's lines about its start and stop become debug lines.
// Warnings and errors repeat fast, so each kind is logged once in ten seconds. While Redis is in trouble, which
// [PatientClient] logs, they are debug lines.
type Logger struct {
	log     *slog.Logger
	trouble func() error

	mu       sync.Mutex
	limiters map[string]*retry.Limiter // by the first bytes of a line, which hold no ids
}

var _ asynq.Logger = (*Logger)(nil)

const (
	kindLength = 16 // bytes of a line that identify its kind
	maxKinds   = 100
)

// NewLogger writes to log. trouble is [PatientClient.Trouble].
func NewLogger(log *slog.Logger, trouble func() error) *Logger {
	return &Logger{log: log, trouble: trouble, limiters: map[string]*retry.Limiter{}}
}

// Debug writes a debug line.
func (l *Logger) Debug(args ...any) { l.log.Debug("asynq: " + fmt.Sprint(args...)) }

// Info writes a debug line.
func (l *Logger) Info(args ...any) { l.Debug(args...) }

// Error writes an error line, if one of its kind is due.
func (l *Logger) Error(args ...any) { l.limited(slog.LevelError, fmt.Sprint(args...)) }

// Warn writes a warning, if one of its kind is due. The warning about the size of the janitor's batch is
// a debug line: that size is our choice.
func (l *Logger) Warn(args ...any) {
	text := fmt.Sprint(args...)
	if strings.HasPrefix(text, "Janitor batch size") {
		l.Debug(text)
		return
	}
	l.limited(slog.LevelWarn, text)
}

// Fatal is like Error. It does not end the process, which only main may do.
func (l *Logger) Fatal(args ...any) { l.Error(args...) }

func (l *Logger) limited(level slog.Level, text string) {
	if strings.HasPrefix(text, "Dequeue error") || l.trouble() != nil {
		l.Debug(text)
		return
	}
	if n, ok := l.limiter(text[:min(len(text), kindLength)]).Allow(); ok {
		l.log.Log(context.Background(), level, "asynq: "+text, "occurrences", n)
	}
}

func (l *Logger) limiter(kind string) *retry.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.limiters[kind]
	if limiter == nil {
		if len(l.limiters) > maxKinds {
			clear(l.limiters)
		}
		limiter = &retry.Limiter{}
		l.limiters[kind] = limiter
	}
	return limiter
}
