package app

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

// serve answers requests until ctx ends or the listener fails.
func (a *App) serve(ctx context.Context) error {
	ctx, listenerEnded := context.WithCancel(ctx)
	var group errgroup.Group
	group.Go(func() error {
		defer listenerEnded()
		return a.server.Serve(&patientListener{Listener: a.listener, log: a.log})
	})
	group.Go(func() error {
		<-ctx.Done()
		// Fiber's shutdown does not wait for sockets, so the hub closes them first.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		var err error
		if a.hub != nil {
			err = a.hub.Close(closing)
		}
		return errors.Join(err, a.server.App().ShutdownWithTimeout(5*time.Second))
	})
	return group.Wait()
}
