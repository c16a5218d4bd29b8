package app

import (
	"cmp"
	"context"
	"log/slog"
	"math"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"grapevine"
	"grapevine/api"
	"grapevine/cache"
	"grapevine/dataversion"
	"grapevine/events"
	"grapevine/forms"
	"grapevine/imports"
	"grapevine/jobs"
	"grapevine/ledger"
	"grapevine/store"
	"grapevine/watcher"
	"grapevine/ws"
)

// wire makes the parts and gives each what it needs.
func (a *App) wire() (err error) {
	config, prefix := a.config, a.config.KeyPrefix()
	db, streamDB := a.mongo.Database(config.MongoDatabase), a.mongoStream.Database(config.MongoDatabase)
	logger := func(name string) *slog.Logger { return a.log.With("part", name) }

	a.version = newDataVersion(streamDB, &a.gate, a.log)
	a.store = store.New(db, store.Config{Clock: a.clock, Logger: logger("store")})
	a.mongoHealth.store, a.mongoHealth.log = a.store, logger("mongodb")
	a.cache, err = cache.New(a.redisCache, cache.Config{Prefix: prefix, TTL: config.CacheTTL, Logger: logger("cache"), Registerer: a.registry})
	if err != nil {
		return err
	}
	a.events = events.New(a.redis, events.Config{
		Prefix: prefix, Retention: config.EventRetention, Logger: logger("events"), Registerer: a.registry,
	})
	a.signals = events.NewSignals(a.redis, prefix)
	reader := events.NewLogReader(a.redisFollower, prefix)
	following := events.FollowerConfig{Logger: logger("follower")}
	if a.has(roleAPI) {
		a.hub = ws.NewHub(reader, a.signals, ws.Config{
			Clock: a.clock, MaxStaleness: config.MaxStaleness, Ping: a.store.Ping, Origins: config.Origins,
			Client:   func(c *fiber.Ctx) string { return a.server.ClientAddr(c).String() },
			MaxPerIP: cmp.Or(config.SocketsPerClient, math.MaxInt), MaxSockets: config.MaxSockets,
			Logger: logger("rooms"), Registerer: a.registry,
		})
		following.Handler = a.hub
	}
	a.follower = events.NewFollower(reader, following)
	a.ledger = ledger.New(db)
	storage := imports.NewStorage(db)
	a.queue, err = jobs.NewQueue(a.redis, jobs.QueueConfig{
		Database: config.MongoDatabase, MaxRetry: config.MaxRetry, EventRetention: config.EventRetention, Now: a.clock.Now,
		Logger: logger("jobs"), Registerer: a.registry,
	})
	if err != nil {
		return err
	}
	a.sizes = jobs.NewQueueSizeReader(a.redis, config.MongoDatabase)
	a.registry.MustRegister(a.sizes)
	a.monitor = newMonitor(a)
	a.forms = forms.New(forms.Config{
		DB: streamDB, Redis: a.redis, Prefix: prefix, Contacts: a.store, Migration: dataversion.Migration{DB: streamDB}, Now: a.clock.Now,
		Refused: func(ctx context.Context, id, reason string) error {
			return watcher.RecordUnformable(ctx, streamDB, id, reason)
		},
		Logger: logger("forms"), Registerer: a.registry, Crash: crashPoint(),
	})

	a.watcher, err = watcher.New(watcher.Config{
		DB: streamDB, Redis: a.redis, Prefix: prefix, Instance: a.instance, Clock: a.clock,
		Collections: []watcher.Collection{{
			Name: grapevine.CollectionContacts, Decode: watcher.ContactDecoder(store.Decode, store.IsFormed),
			Stages: []watcher.Stage{
				{watcher.EffectCache: a.cache}, // first, so that a client told to read again never gets the old value
				{watcher.EffectJobs: a.queue, watcher.EffectEvents: a.events, watcher.EffectForms: a.forms},
			},
		}, {
			Name: grapevine.CollectionImports, Decode: watcher.IDDecoder,
			Stages: []watcher.Stage{{
				watcher.EffectJobs: jobs.ImportQueue{Queue: a.queue}, watcher.EffectProgress: &imports.Progress{Storage: storage, Show: a.showImport},
			}},
		}},
		Alongside: a.forms.Run,
		Backfill:  jobs.NewBackfiller(a.queue, a.ledger), Prepare: a.prepareForWatcher,
		Logger: logger("watcher"), Registerer: a.registry, Trace: a.monitor.trace, Crash: crashPoint(),
	})
	if err != nil {
		return err
	}
	mailer, err := a.mailer()
	if err != nil {
		return err
	}
	a.importKeeper = &imports.Keeper{Storage: storage, Enqueue: a.enqueueImports, Streaming: a.isStreaming, Logger: logger("imports")}
	runner := imports.NewRunner(imports.RunnerConfig{
		Storage: storage, Contacts: a.store, Unformed: a.unformed, SkipWelcome: a.ledger.Skip, Crash: crashPoint(), Logger: logger("imports"),
	})
	a.worker, err = jobs.NewWorker(a.redis, a.ledger, jobs.WorkerConfig{
		Contacts: a.store.FindInAnyWorkspace, Count: a.events.Count, Watermark: a.follower.Watermark, Import: runner.Run, Mailer: mailer, Queue: a.queue,
		MailRate: a.config.mailRate(), Unwanted: a.unwantedWelcome, Report: a.reportJob, Concurrency: config.Concurrency, Crash: crashPoint(), Logger: logger("worker"), Registerer: a.registry,
	})
	if err != nil {
		return err
	}
	a.server = api.New(api.Config{
		Contacts: a.store, Imports: &imports.Service{Storage: storage, Contacts: a.store, Unformed: a.unformed}, MaxImport: config.ImportMax, ImportObstacle: a.importObstacle,
		Cache: a.cache, Watermark: a.follower, Clock: a.clock, MaxStaleness: config.MaxStaleness,
		OperationsOnly: !a.has(roleAPI), Gate: a.gate.Ask, Ready: a.ready, Metrics: promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}), AsyncAPI: ws.AsyncAPI,
		AllowedHosts: config.allowedHosts(), TrustedProxies: config.proxies(), PerClient: config.PerClient,
		Origins: config.Origins, MaxHeaderBytes: config.MaxHeaderBytes,
		Registerer: a.registry, Logger: logger("api"),
	})
	a.experiments = newExperiments(config.Experiments, logger("experiments"))
	a.mount(a.server.App())
	return nil
}
