package api

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine/internal/edge"
)

// site is what PUBLIC_URL allows as Host and Origin.
type site struct {
	url     string
	https   bool
	hosts   []string
	origins []string
}

// loopbackNames are the names of one machine for itself.
var loopbackNames = []string{"localhost", "127.0.0.1", "[::1]"}

// newSite makes the site of a PUBLIC_URL, an origin as a browser writes it. One on loopback has all three names of
// loopback: people type any of them.
func newSite(public *url.URL) *site {
	s := &site{url: public.Scheme + "://" + public.Host, https: public.Scheme == "https"}
	names := []string{strings.TrimSuffix(public.Host, ":"+public.Port())}
	if slices.Contains(loopbackNames, names[0]) {
		names = loopbackNames
	}
	for _, name := range names {
		if port := public.Port(); port != "" {
			name += ":" + port
		} else {
			s.hosts = append(s.hosts, name+map[bool]string{true: ":443", false: ":80"}[s.https])
		}
		s.hosts = append(s.hosts, name)
		s.origins = append(s.origins, public.Scheme+"://"+name)
	}
	return s
}

// Origins are the pages that a PUBLIC_URL, an origin as a browser writes it, allows to write and to open sockets.
func Origins(publicURL string) []string {
	public, err := url.Parse(publicURL)
	if err != nil {
		return nil
	}
	return newSite(public).origins
}

// hostAllowed reports whether the header Host is of this site.
func (s *site) hostAllowed(host string) bool { return containsFold(s.hosts, host) }

// originAllowed reports whether a page of origin is of this site.
func (s *site) originAllowed(origin string) bool { return containsFold(s.origins, origin) }

func containsFold(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

// refuseForeignPage refuses a change that a page of another site asked for. A browser says so in one of two headers; with
// a cookie one must be there. A page of another site cannot send a bearer token, so what has one passes.
func (s *site) refuseForeignPage(c *fiber.Ctx) (refused bool) {
	if isSafe(c.Method()) || hasBearer(c) {
		return false
	}
	fetchSite, origin := c.Get("Sec-Fetch-Site"), c.Get(fiber.HeaderOrigin)
	switch {
	case fetchSite != "" && fetchSite != "same-origin", origin != "" && !s.originAllowed(origin):
		return true
	}
	return fetchSite == "" && origin == "" && len(c.Request().Header.Peek(fiber.HeaderCookie)) > 0
}

// checkOrigin refuses a foreign Host, and changes that a page of another site asked for.
func (s *Server) checkOrigin(c *fiber.Ctx, host string) error {
	origin := c.Get(fiber.HeaderOrigin)
	if s.site == nil {
		return s.checkListedOrigin(c, host, origin)
	}
	if !s.site.hostAllowed(host) && !anyHost(c.Path(), host) {
		s.hints.ForeignHost(host)
		return forbidden("This server does not answer to this host name. The setting PUBLIC_URL has its name and port.")
	}
	if s.site.refuseForeignPage(c) {
		s.hints.ForeignOrigin(origin, host)
		return forbidden("Another site cannot change anything here. The page of this server is at " + s.site.url + ", and a program sends a token instead of a cookie.")
	}
	return nil
}

// checkListedOrigin is checkOrigin without sign-in: ALLOWED_HOSTS and ORIGINS decide.
func (s *Server) checkListedOrigin(c *fiber.Ctx, host, origin string) error {
	if !anyHost(c.Path(), host) && !edge.HostAllowed(host, s.cfg.AllowedHosts) {
		s.hints.ForeignHost(host)
		return forbidden("This server does not answer to this host name. The setting ALLOWED_HOSTS lists the names.")
	}
	if !isSafe(c.Method()) && !edge.WriteAllowed(c.Get("Sec-Fetch-Site"), origin, host, s.cfg.Origins) {
		s.hints.ForeignOrigin(origin, host)
		return forbidden("Another site cannot change anything here.")
	}
	return nil
}

// anyHost reports whether a request for path may have this Host whatever the settings say. The probe of a load balancer
// or a container asks by address, or without a name, and learns nothing from health that a foreign page could misuse.
// Prometheus asks for metrics by address too. A page whose name was rebound cannot do that: its Host is a name.
func anyHost(path, host string) bool {
	switch path {
	case "/healthz", "/readyz":
		return true
	case "/metrics":
		return edge.IsAddress(host)
	}
	return false
}
