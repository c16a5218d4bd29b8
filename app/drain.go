package app

import (
	"time"

	"grapevine/api"
)

// partInstance is the part in /readyz that says that the instance is about to stop.
const partInstance = "instance"

// drain makes /readyz answer 503 and serves for Config.Drain more, so that a load balancer notices before a request is
// refused. The error is that of a part that fails meanwhile. Everything else goes on: if the watcher gave up its lease
// here and no other instance were there, no change would reach the sockets that are still served.
func (a *App) drain(services *services) error {
	if a.config.Drain <= 0 {
		return nil
	}
	a.log.Info("draining: /readyz answers 503, and requests are served a little longer; a second signal ends this", "for", a.config.Drain)
	a.draining.Store(true)
	a.server.EndConnections()
	timer := time.NewTimer(a.config.Drain)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.drainEnded:
	case err := <-services.failed:
		return err
	}
	return nil
}

// EndDrain makes an instance that was told to stop close at once.
func (a *App) EndDrain() { a.endDrain.Do(func() { close(a.drainEnded) }) }

// drainingPart is the part of /readyz while the instance drains.
func drainingPart() api.PartHealth {
	return api.PartHealth{State: "draining", Message: "This instance is about to stop. Send new requests to another instance."}
}
