package app

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

// gatePatience is how long requests wait at the start until the instance can take writes. At a restart that is a moment.
// A proxy that does not check /readyz would pass the refusals of that moment on to people.
const gatePatience = 2 * time.Second

// serve answers requests until ctx ends or the listener fails.
func (a *App) serve(ctx context.Context) error {
	ctx, listenerEnded := context.WithCancel(ctx)
	var group errgroup.Group
	group.Go(func() error {
		defer listenerEnded()
		a.waitForFirstStart(ctx)
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
		err = errors.Join(err, a.server.App().ShutdownWithTimeout(5*time.Second))
		// If the server has not begun to accept, the shutdown finds nothing to stop. Closing the listener ends the server.
		_ = a.listener.Close() // the shutdown has usually closed it already
		return err
	})
	return group.Wait()
}

// waitForFirstStart waits until the gate of the first start is open, at most for gatePatience. Connections wait in the
// listener's queue.
func (a *App) waitForFirstStart(ctx context.Context) {
	select {
	case <-a.started:
	case <-time.After(gatePatience):
	case <-ctx.Done():
	}
}
