package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

// asynqLog hands Asynq's own log lines on. Those of its start and stop are details to us; warnings and
// errors come in streaks while Redis is away, so each kind is written once in ten seconds.
type asynqLog struct {
	log *slog.Logger

	mu    sync.Mutex
	kinds map[string]*streak // by the first words of a line, which hold no ids
}

var _ asynq.Logger = (*asynqLog)(nil)

func newAsynqLog(log *slog.Logger) *asynqLog {
	return &asynqLog{log: log, kinds: map[string]*streak{}}
}

func (l *asynqLog) Debug(args ...any) { l.log.Debug("asynq: " + fmt.Sprint(args...)) }
func (l *asynqLog) Info(args ...any)  { l.Debug(args...) }
func (l *asynqLog) Error(args ...any) { l.limited(slog.LevelError, fmt.Sprint(args...)) }

// Warn leaves out what Asynq says at each start of the janitor's batch: its size is our choice, for a
// million kept tasks.
func (l *asynqLog) Warn(args ...any) {
	text := fmt.Sprint(args...)
	if strings.HasPrefix(text, "Janitor batch size") {
		l.Debug(text)
		return
	}
	l.limited(slog.LevelWarn, text)
}

// Fatal is not called by Asynq itself. It does not end the process: that is main's to decide.
func (l *asynqLog) Fatal(args ...any) { l.Error(args...) }

func (l *asynqLog) limited(level slog.Level, text string) {
	kind := text[:min(len(text), 16)]
	l.mu.Lock()
	s := l.kinds[kind]
	if s == nil {
		if len(l.kinds) > 100 {
			l.kinds = map[string]*streak{}
		}
		s = newStreak(10 * time.Second)
		l.kinds[kind] = s
	}
	l.mu.Unlock()
	if n, say := s.note(); say {
		l.log.Log(context.Background(), level, "asynq: "+text, "times", n)
	}
}
