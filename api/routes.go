package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// route is one path with a handler for each method.
type route struct {
	path    string
	methods map[string]fiber.Handler
	timeout time.Duration // of one request; zero means Config.Timeout
	query   bool          // methods other than GET take parameters too
}

// get is a route with one handler, for GET.
func get(path string, h fiber.Handler) route {
	return route{path: path, methods: map[string]fiber.Handler{http.MethodGet: h}}
}

// routes lists every route of this package. Fiber takes the first match, so fixed paths come before
// /contacts/:id.
func (s *Server) routes() []route {
	operations := []route{
		get("/healthz", s.healthz),
		get("/readyz", s.readyz),
		get("/metrics", s.metrics()),
	}
	if s.cfg.OperationsOnly {
		return operations
	}
	return slices.Concat(s.contactRoutes(), []route{
		get("/openapi.json", serveJSON(openAPI)),
		get("/asyncapi.json", serveJSON(s.cfg.AsyncAPI)),
	}, operations)
}

// contactRoutes lists the routes that read or write contacts. [Config.Gate] guards them.
func (s *Server) contactRoutes() []route {
	routes := []route{
		{path: "/contacts", methods: map[string]fiber.Handler{
			http.MethodPost: s.createContact,
			http.MethodGet:  s.listContacts,
		}},
		get("/contacts/search", s.searchContacts),
		{path: uploadPath, methods: map[string]fiber.Handler{http.MethodPost: s.importContacts}, timeout: importTimeout, query: true},
		get("/imports/:id", s.readImport),
		get("/contacts/export", s.exportContacts),
		get("/contacts/stats/companies", s.stats(grapevine.PerCompany)),
		get("/contacts/stats/tags", s.stats(grapevine.PerTag)),
		get("/contacts/stats/months", s.stats(grapevine.PerMonth)),
		{path: "/contacts/:id", methods: map[string]fiber.Handler{
			http.MethodGet:    s.readContact,
			http.MethodPut:    s.replaceContact,
			http.MethodPatch:  s.patchContact,
			http.MethodDelete: s.deleteContact,
		}},
	}
	for _, r := range routes {
		for method, h := range r.methods {
			r.methods[method] = s.gated(method != http.MethodGet, h)
		}
	}
	return routes
}

// mount registers the routes, and a handler for the other methods of each path. (Fiber's own 405 for
// /contacts/search would name the methods of /contacts/:id.)
func (s *Server) mount() {
	for _, r := range s.routes() {
		allow := []string{http.MethodOptions}
		for method, h := range r.methods {
			if method != http.MethodGet && !r.query {
				h = rejectQuery(h)
			}
			h = s.withTimeout(r.timeout, h)
			s.app.Add(method, r.path, h)
			allow = append(allow, method)
			if method == http.MethodGet {
				s.app.Add(http.MethodHead, r.path, h)
				allow = append(allow, http.MethodHead)
			}
		}
		slices.Sort(allow)
		s.app.All(r.path, otherMethods(strings.Join(allow, ", ")))
	}
}

// otherMethods answers any other method with 405. observe turns the 405 of OPTIONS into its answer.
func otherMethods(allow string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		return fiber.ErrMethodNotAllowed
	}
}

// answerOptions turns a 405 into the answer of OPTIONS, for every path that exists, those of other packages too. Their
// 405 comes from Fiber, which lists the methods in Allow. There is no CORS header: the API is for pages of its own
// origin.
func answerOptions(c *fiber.Ctx, err error) error {
	if !errors.Is(err, fiber.ErrMethodNotAllowed) {
		return err
	}
	allow := strings.Split(string(c.Response().Header.Peek(fiber.HeaderAllow)), ", ")
	if !slices.Contains(allow, http.MethodOptions) {
		allow = append(allow, http.MethodOptions)
	}
	slices.Sort(allow)
	c.Set(fiber.HeaderAllow, strings.Join(allow, ", "))
	if c.Method() != http.MethodOptions {
		return err
	}
	if slices.Contains(allow, http.MethodPatch) {
		c.Set(headerAcceptPatch, strings.Join(patchTypes, ", "))
	}
	c.Status(fiber.StatusNoContent)
	return nil
}

// rejectQuery refuses a query string, because hardly any write takes one. If it were ignored, `?workspace=x` would write into
// another workspace than the sender expects.
func rejectQuery(h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := noParams(c); err != nil {
			return err
		}
		return h(c)
	}
}

// withTimeout gives the handler a context with a timeout. It is not derived from the connection's
// context: fasthttp reuses that one while goroutines of the MongoDB driver may still read it.
func (s *Server) withTimeout(timeout time.Duration, h fiber.Handler) fiber.Handler {
	if timeout == 0 {
		timeout = s.cfg.Timeout
	}
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		c.SetUserContext(ctx)
		s.rememberWatermark(c)
		return h(c)
	}
}
