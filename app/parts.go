package app

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
)

// parts runs the parts of an instance, each on a context of its own, so that they can be stopped one
// after another.
type parts struct {
	log    *slog.Logger
	failed chan error // the error of the first part that failed
	stops  []func()
}

func newParts(log *slog.Logger) *parts { return &parts{log: log, failed: make(chan error, 1)} }

// start runs a part until stop. An error before that, or a panic, is the result of wait.
func (p *parts) start(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.recovered(ctx, name, run); err != nil && ctx.Err() == nil {
			select {
			case p.failed <- fmt.Errorf("%s: %w", name, err):
			default: // another part failed first
			}
		}
	}()
	p.stops = append(p.stops, func() { cancel(); <-done })
}

func (p *parts) recovered(ctx context.Context, name string, run func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("a part panicked, the instance stops", "part", name, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return run(ctx)
}

// wait returns nil when ctx ends, and the error of the first part that fails before.
func (p *parts) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.failed:
		return err
	}
}

// stop stops the parts in reverse order and waits for each.
func (p *parts) stop() {
	for _, stop := range slices.Backward(p.stops) {
		stop()
	}
}
