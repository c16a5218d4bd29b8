// Package app builds one instance of Grapevine: it names every package of the product and hands each what
// it needs.
//
// A change goes api → store → MongoDB → watcher → cache, then jobs and events side by side, then the
// checkpoint. Every instance follows the event log.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/singleflight"

	"grapevine"
	"grapevine/api"
	"grapevine/cache"
	"grapevine/events"
	"grapevine/forms"
	"grapevine/imports"
	"grapevine/jobs"
	"grapevine/ledger"
	"grapevine/store"
	"grapevine/watcher"
	"grapevine/ws"
)

// App is one instance.
type App struct {
	config   Config
	instance string // host:pid
	log      *slog.Logger
	clock    *grapevine.Clock
	registry *prometheus.Registry
	listener net.Listener

	clients

	store        *store.Store
	cache        *cache.Cache
	events       *events.Log
	signals      *events.Signals
	follower     *events.Follower
	hub          *ws.Hub // nil without the role api
	queue        *jobs.Queue
	ledger       *ledger.Ledger
	sizes        *jobs.QueueSizeReader
	watcher      *watcher.Watcher
	worker       *jobs.Worker
	importKeeper *imports.Keeper
	experiments  *experiments
	server       *api.Server
	monitor      *monitor
	gate         gate

	mongoHealth   *mongoHealth
	readiness     readiness
	preparation   atomic.Pointer[error]    // of the latest preparation of the collection; nil before the first
	redisWarnings atomic.Pointer[[]string] // sentences
	redisRemedy   atomic.Pointer[string]   // why the start finds no Redis, and what to do; nil if unknown

	forms         *forms.Forms
	version       *dataVersion
	started       chan struct{} // closed when the first start of the database is over
	startOnce     func()        // closes started
	indexing      singleflight.Group
	draining      atomic.Bool
	drainEnded    chan struct{} // closed by EndDrain
	endDrain      sync.Once
	redisVerified chan struct{} // closed when the keys in Redis are known to belong to this replica set
}

// New makes an instance and listens on its address, so that a taken port is an error at once. It serves
// nothing before [App.Run]. MongoDB and Redis need not be reachable yet.
func New(config Config, log *slog.Logger) (*App, error) {
	a := &App{
		config: config, clock: &grapevine.Clock{}, registry: prometheus.NewRegistry(),
		redisVerified: make(chan struct{}), drainEnded: make(chan struct{}), started: make(chan struct{}),
	}
	a.startOnce = sync.OnceFunc(func() { close(a.started) })
	a.gate.Close(partStart, writesOnly, stateStarting, "This instance is starting: it has not prepared MongoDB for writes yet. If that lasts, the parts mongodb and collections of /readyz say why.")
	a.mongoHealth = &mongoHealth{gate: &a.gate, dial: config.mongoOptions}
	a.log = slog.New(errorText{log.Handler(), a.mongoHealth.isSaid})
	log = a.log
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	host, _ := os.Hostname()
	a.instance = host + ":" + strconv.Itoa(os.Getpid())
	var err error
	if a.listener, err = net.Listen("tcp", config.Addr); err != nil {
		return nil, fmt.Errorf("ADDR: cannot listen on %s: %w; choose another address", config.Addr, reason(err))
	}
	if err = a.open(config.Connections, a.instance, a.clock, log.With("part", "redis")); err == nil {
		err = a.wire()
	}
	if err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// reason is the last cause of an error of the network, without the names of the system calls.
func reason(err error) error {
	if cause, ok := errors.AsType[syscall.Errno](err); ok {
		return cause
	}
	return err
}

// Addr is where the instance listens.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Run serves until ctx ends or a part fails, and then stops the parts in order. If ctx ended, it drains first. Then
// sockets are told to reconnect elsewhere, and requests end. The watcher saves its checkpoint and releases its lease, and
// running jobs end. The follower of the event log stops last.
func (a *App) Run(ctx context.Context) error {
	defer a.Close()
	services := newServices(a.log)
	services.start("follower", after(a.redisVerified, a.follower.Run))
	if a.has(roleAPI) {
		services.start("rooms", after(a.redisVerified, a.hub.Run))
	}
	services.start("mongodb", a.mongoHealth.run)
	services.start("setup", a.setUp)
	services.start("data version", a.version.Run)
	if a.has(roleWorker) {
		services.start("imports", after(a.redisVerified, a.version.whileOurs(a.importKeeper.Run)))
		services.start("worker", after(a.redisVerified, a.version.whileOurs(a.worker.Run)))
	}
	if a.has(roleWatcher) {
		services.start("watcher", after(a.started, a.version.whileOurs(a.watcher.Run)))
	}
	services.start("monitor", a.monitor.run)
	services.start("forming", a.followForming)
	services.start("http", a.serve)
	services.start("experiments", a.experiments.Run) // the last one, so that what it undoes is undone before anything else stops
	a.log.Info("serving", "addr", a.Addr(), "roles", a.config.Roles, "instance", a.instance)

	err := services.wait(ctx)
	if err == nil {
		err = a.drain(services)
	}
	a.log.Info("stopping")
	services.stop()
	return err
}

// Close releases what [New] opened. Only an instance that never runs needs it.
func (a *App) Close() {
	if a.listener != nil {
		_ = a.listener.Close()
	}
	a.clients.close()
}

func (a *App) has(role string) bool { return slices.Contains(a.config.Roles, role) }

// after delays a part until a channel is closed. Until the keys in Redis are known to belong to this replica set, a
// part could run the jobs of another set's database of the same name, or serve its cached lists.
func after(ready <-chan struct{}, run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-ready:
			return run(ctx)
		}
	}
}
