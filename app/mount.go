package app

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"grapevine"
	"grapevine/jobs"
	"grapevine/web"
)

// mount adds the routes that are not the API's: sockets, the dashboard of the jobs and the page.
func (a *App) mount(router *fiber.App) {
	var unknownPath fiber.Handler
	if a.has(roleAPI) {
		router.Get("/ws/contacts", a.hub.Contacts())
		router.Get("/ws/pipeline", a.hub.Pipeline())
		router.Get("/inspect/info", a.info)
		router.Post("/inspect/experiments/:name", a.experiments.start)
		unknownPath = web.Mount(router)
	}
	if a.has(roleAPI) || a.has(roleWorker) {
		a.mountDashboard(router)
	}
	if a.has(roleAPI) {
		router.Use(unknownPath)
	} else {
		router.Use(func(*fiber.Ctx) error {
			return &grapevine.Error{Code: grapevine.NotFound, Message: "This instance does not serve the API. Ask an instance with the role api."}
		})
	}
}

func (a *App) mountDashboard(router *fiber.App) {
	dashboard := adaptor.HTTPHandler(jobs.Dashboard(a.redis, "/jobs", a.config.JobsReadOnly))
	router.Get("/jobs", dashboard)
	router.Get("/jobs/*", dashboard)
	router.Post("/jobs/api/*", dashboard)
	router.Delete("/jobs/api/*", dashboard)
}

// info answers what the page shows to people who want to write to MongoDB themselves.
func (a *App) info(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	experiments, running, failure := a.experiments.state()
	return c.JSON(fiber.Map{
		"experiments": experiments, "experiment": running, "experimentFailure": failure,
		"mongoURI": a.config.MongoURI, "database": a.config.MongoDatabase, "redisURL": a.config.RedisURL,
		"version": version(), "instance": a.instance,
		"queue": jobs.WelcomeQueue(a.config.MongoDatabase), // of welcomes, in links to the dashboard
		"now":   time.Now().UTC(),                          // the page compares its clock with this
	})
}
