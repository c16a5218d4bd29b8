package app

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
)

// services runs the long-running parts of an instance, each on a context of its own. They are stopped one
// after another.
type services struct {
	log    *slog.Logger
	failed chan error // the error of the first part that failed
	stops  []func()
}

func newServices(log *slog.Logger) *services { return &services{log: log, failed: make(chan error, 1)} }

// start runs a part until stop. An error before that, or a panic, is the result of wait.
func (s *services) start(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.recovered(ctx, name, run); err != nil && ctx.Err() == nil {
			select {
			case s.failed <- fmt.Errorf("%s: %w", name, err):
			default: // another part failed first
			}
		}
	}()
	s.stops = append(s.stops, func() { cancel(); <-done })
}

func (s *services) recovered(ctx context.Context, name string, run func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("a part panicked, so the instance stops; please report the stack as a bug", "part", name, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return run(ctx)
}

// wait returns nil when ctx ends, and the error of the first part that fails before.
func (s *services) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// stop stops the parts in reverse order and waits for each.
func (s *services) stop() {
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
}
