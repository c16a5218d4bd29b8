package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"grapevine"
	"grapevine/api"
	"grapevine/cache"
	"grapevine/internal/redisx"
	"grapevine/jobs"
	"grapevine/store"
	"grapevine/watcher"
	"grapevine/web"
	"grapevine/ws"
)

// App is one instance: this file names every package of the product and hands each what it needs.
//
// A change goes api → store → MongoDB → watcher → cache, then queue (jobs) and history (ws) side by
// side, then the checkpoint. Every instance's hub follows the history.
type App struct {
	settings
	instance string
	log      *slog.Logger
	clock    *grapevine.Clock
	registry *prometheus.Registry

	mongo, mongoStream *mongo.Client
	redis, redisCache  *redis.Client

	store   *store.Store
	cache   *cache.Cache
	history *ws.History
	hub     *ws.Hub
	queue   *jobs.Queue
	ledger  *jobs.Ledger
	sizes   *jobs.Stats
	watcher *watcher.Watcher
	worker  *jobs.Worker
	server  *api.Server
	pulse   *pulse

	listener net.Listener
	indexing singleflight.Group
	ours     chan struct{} // closed once it is known that nobody else uses what is in Redis
}

// New makes an instance and listens on its address, so that a taken port is known at once. It serves
// nothing before [App.Run]. MongoDB and Redis need not be there yet.
func New(s settings, log *slog.Logger) (*App, error) {
	a := &App{settings: s, log: log, clock: &grapevine.Clock{}, registry: prometheus.NewRegistry(), ours: make(chan struct{})}
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	host, _ := os.Hostname()
	a.instance = host + ":" + strconv.Itoa(os.Getpid())
	var err error
	if a.listener, err = net.Listen("tcp", s.Addr); err != nil {
		return nil, fmt.Errorf("ADDR: cannot listen on %s: %w; choose another address", s.Addr, err)
	}
	if err = a.connect(); err == nil {
		err = a.wire()
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *App) connect() (err error) {
	if a.mongo, err = connectMongo(a.MongoURI, "grapevine "+a.instance, a.clock); err != nil {
		return err
	}
	// A client of its own, so that a crowd of requests never keeps the watcher waiting for a connection.
	if a.mongoStream, err = connectMongo(a.MongoURI, "grapevine watcher "+a.instance, a.clock); err != nil {
		return err
	}
	if a.redis, err = connectRedis(a.RedisURL); err != nil {
		return err
	}
	opts, err := redisx.ForCache(a.RedisURL)
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	a.redisCache = redis.NewClient(opts)
	redis.SetLogger(redisLog{a.log.With("part", "redis")})
	return nil
}

// wire makes the parts and gives each what it needs.
func (a *App) wire() (err error) {
	db, streamDB := a.mongo.Database(a.MongoDB), a.mongoStream.Database(a.MongoDB)
	part := func(name string) *slog.Logger { return a.log.With("part", name) }

	a.store = store.New(db, store.Config{Clock: a.clock})
	a.cache = cache.New(a.redisCache, cache.Config{Prefix: a.Prefix, TTL: a.CacheTTL, Logger: part("cache"), Registerer: a.registry})
	a.history = ws.NewHistory(a.redis, ws.HistoryConfig{
		Prefix: a.Prefix, Retention: a.History, Logger: part("history"), Registerer: a.registry,
	})
	a.hub = ws.NewHub(a.history, ws.HubConfig{
		Clock: a.clock, MaxStaleness: a.MaxStaleness, Ping: a.store.Ping, Origins: a.Origins,
		Client: func(c *fiber.Ctx) string { return a.server.ClientAddr(c).String() },
		Logger: part("rooms"), Registerer: a.registry,
	})
	a.ledger = jobs.NewLedger(db)
	a.queue = jobs.NewQueue(a.redis, a.ledger, jobs.QueueConfig{
		MaxRetry: a.MaxRetry, History: a.History, Now: a.clock.Now, Logger: part("jobs"), Registerer: a.registry,
	})
	a.sizes = jobs.NewStats(a.redis)
	a.registry.MustRegister(a.sizes)
	a.pulse = &pulse{app: a, traces: make(chan traced, 64)}

	a.watcher, err = watcher.New(watcher.Config{
		DB: streamDB, Redis: a.redis, Prefix: a.Prefix, Instance: a.instance, Clock: a.clock,
		Cache: a.cache, Jobs: a.queue, Events: a.history, Ledger: a.queue,
		Decode: store.Decode, Prepare: a.prepareToWatch,
		Logger: part("watcher"), Registerer: a.registry, Trace: a.pulse.trace, Crash: crashPoint(),
	})
	if err != nil {
		return err
	}
	mailer, err := a.mailer()
	if err != nil {
		return err
	}
	a.worker = jobs.NewWorker(a.redis, a.ledger, jobs.WorkerConfig{
		Contacts: a.store.Find, Count: a.count, Watermark: a.hub.Watermark, Mailer: mailer, Queue: a.queue,
		Signal: a.history.Signal, Concurrency: a.Concurrency, Crash: crashPoint(), Logger: part("worker"), Registerer: a.registry,
	})
	a.server = api.New(api.Config{
		Contacts: a.store, Cache: a.cache, Watermark: a.hub, Clock: a.clock, MaxStaleness: a.MaxStaleness,
		OperationsOnly: !a.has(roleAPI), Ready: a.ready, Metrics: promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}), AsyncAPI: ws.AsyncAPI,
		AllowedHosts: a.allowedHosts(), TrustedProxies: a.proxies(), PerClient: a.PerClient,
		Registerer: a.registry, Logger: part("api"),
	})
	a.mount(a.server.App())
	return nil
}

// mount adds what is not the API's: the sockets, the dashboard of the jobs and the page.
func (a *App) mount(router *fiber.App) {
	if a.has(roleAPI) {
		router.Get("/ws/contacts", a.hub.Contacts())
		router.Get("/ws/pipeline", a.hub.Pipeline())
		router.Get("/inspect/info", a.info)
		web.Mount(router)
	}
	if a.has(roleAPI) || a.has(roleWorker) {
		a.mountDashboard(router)
	}
	if !a.has(roleAPI) {
		router.Use(func(*fiber.Ctx) error {
			return &grapevine.Error{Code: grapevine.NotFound, Message: "This instance has not the role api; another one answers here."}
		})
	}
}

func (a *App) mountDashboard(router *fiber.App) {
	handler := adaptor.HTTPHandler(jobs.Dashboard(a.redis, "/jobs", a.JobsReadOnly))
	dashboard := func(c *fiber.Ctx) error {
		// The dashboard sets its own; of two policies a browser keeps both, and the page stays blank.
		c.Response().Header.Del(fiber.HeaderContentSecurityPolicy)
		return handler(c)
	}
	router.All("/jobs", dashboard)
	router.All("/jobs/*", dashboard)
}

// count is the history's, with its error in the words of jobs.
func (a *App) count(ctx context.Context, workspace string, from, to time.Time) (created, updated, deleted int64, err error) {
	created, updated, deleted, err = a.history.Count(ctx, workspace, from, to)
	if errors.Is(err, ws.ErrTrimmed) {
		err = jobs.ErrPartly
	}
	return created, updated, deleted, err
}

func (a *App) mailer() (jobs.Mailer, error) {
	if a.SMTPURL == "" {
		return jobs.LogMailer{Logger: a.log.With("part", "mail")}, nil
	}
	return jobs.NewSMTPMailer(a.SMTPURL)
}

func (a *App) has(role string) bool { return slices.Contains(a.Roles, role) }

// prepare makes the collection as it has to be; doing it again changes nothing.
func (a *App) prepare(ctx context.Context) error { return a.store.PrepareCollection(ctx) }

// index makes the indexes that are missing, and says so while that lasts. However many ask, they are made
// once, and whoever stops to wait does not end it: what there is of an index would be thrown away. See
// [store.Store.PrepareIndexes].
func (a *App) index(ctx context.Context) error {
	made := a.indexing.DoChan("indexes", func() (any, error) {
		ctx := context.WithoutCancel(ctx)
		if err := a.store.PrepareIndexes(ctx); err != nil {
			return nil, err
		}
		return nil, a.ledger.Prepare(ctx)
	})
	for waited := indexesLast; ; waited *= 2 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case r := <-made:
			return r.Err
		case <-time.After(waited):
			a.log.Warn("MongoDB is making indexes; what needs them answers 503 until they are there")
		}
	}
}

// indexesLast is after how long the making of indexes is worth a word, and no reason to wait any longer
// for a watcher that can do without.
const indexesLast = 3 * time.Second

// prepareToWatch is prepare and index for the watcher, which needs the collection at once and nobody's
// indexes: with a large collection all changes would wait for minutes.
func (a *App) prepareToWatch(ctx context.Context) error {
	if err := a.prepare(ctx); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, indexesLast)
	defer cancel()
	if err := a.index(waiting); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return ctx.Err()
}

// Addr is where the instance listens.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Run serves until ctx is done or a part fails for good, and then stops everything in order: sockets
// are told to come back elsewhere, requests end, the batch in hand is checkpointed and the lease given
// back, running jobs end, and last the following of the history.
func (a *App) Run(ctx context.Context) error {
	defer a.close()
	failed, fail := context.WithCancelCause(context.WithoutCancel(ctx))
	defer fail(nil)
	var stops []func()
	// start runs a part on a context of its own, so that the parts can be stopped one after another.
	start := func(name string, run func(context.Context) error) {
		partCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() {
				if r := recover(); r != nil {
					a.log.Error("panic", "part", name, "panic", r, "stack", string(debug.Stack()))
					fail(fmt.Errorf("%s panicked: %v", name, r))
				}
			}()
			if err := run(partCtx); err != nil && partCtx.Err() == nil {
				fail(fmt.Errorf("%s: %w", name, err))
			}
		}()
		stops = append(stops, func() { cancel(); <-done })
	}
	start("following", a.onceOurs(a.hub.Run))
	start("setup", a.setUp)
	if a.has(roleWorker) {
		start("worker", a.onceOurs(a.worker.Run))
	}
	if a.has(roleWatcher) {
		start("watcher", a.watcher.Run)
	}
	start("pulse", a.pulse.run)
	start("http", a.serve)
	a.log.Info("serving", "addr", a.Addr(), "roles", a.Roles, "instance", a.instance)

	var err error
	select {
	case <-ctx.Done():
	case <-failed.Done():
		err = context.Cause(failed)
	}
	a.log.Info("stopping")
	for _, stop := range slices.Backward(stops) {
		stop()
	}
	return err
}

// onceOurs has a part wait until Redis is known to be ours: it would run another database's jobs, or,
// knowing a watermark, serve its cached lists.
func (a *App) onceOurs(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-a.ours:
			return run(ctx)
		}
	}
}

// serve answers requests until ctx is done or nobody can be listened to any more. Fiber's shutdown knows
// nothing of sockets, so the hub closes its own first.
func (a *App) serve(ctx context.Context) error {
	ctx, ended := context.WithCancel(ctx)
	var side errgroup.Group
	side.Go(func() error {
		defer ended()
		return a.server.App().Listener(patientListener{a.listener, a.log})
	})
	side.Go(func() error {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := a.hub.Close(closing)
		return errors.Join(err, a.server.App().ShutdownWithTimeout(5*time.Second))
	})
	return side.Wait()
}

func (a *App) close() {
	if a.listener != nil {
		_ = a.listener.Close()
	}
	disconnect(a.mongo, a.mongoStream)
	for _, client := range []*redis.Client{a.redis, a.redisCache} {
		if client != nil {
			_ = client.Close()
		}
	}
}
