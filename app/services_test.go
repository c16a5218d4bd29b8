package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPartsStopInReverseOrder(t *testing.T) {
	p := newServices(slog.New(slog.DiscardHandler))
	var stopped []string
	for _, name := range []string{"first", "second", "third"} {
		p.start(name, func(ctx context.Context) error {
			<-ctx.Done()
			stopped = append(stopped, name) // no lock: each part is waited for before the next one is stopped
			return ctx.Err()
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, p.wait(ctx), "the end of ctx is no failure")
	p.stop()
	require.Equal(t, []string{"third", "second", "first"}, stopped)
	require.Empty(t, p.failed, "an error after the stop is no failure")
}

func TestPartsEndWithTheFirstFailure(t *testing.T) {
	cause := errors.New("no disk")
	for name, test := range map[string]struct {
		run  func(context.Context) error
		want string
	}{
		"error": {func(context.Context) error { return cause }, "broken: no disk"},
		"panic": {func(context.Context) error { panic("no nil") }, "broken: panic: no nil"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newServices(slog.New(slog.DiscardHandler))
			p.start("finished", func(context.Context) error { return nil })
			p.start("healthy", func(ctx context.Context) error { <-ctx.Done(); return nil })
			p.start("broken", test.run)
			require.EqualError(t, p.wait(t.Context()), test.want)
			p.stop()
		})
	}
}
