package api

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// cookieJar names and makes the cookies of one PUBLIC_URL. No header of a request changes them.
type cookieJar struct {
	secure bool
	suffix string // of the names for http: two instances on two ports of one host share one jar of the browser
}

// newCookieJar makes the jar of a PUBLIC_URL.
func newCookieJar(public *url.URL) cookieJar {
	if public.Scheme == "https" {
		return cookieJar{secure: true}
	}
	port := public.Port()
	if port == "" {
		port = "80"
	}
	return cookieJar{suffix: "-" + port}
}

// name is the full name of a cookie. A browser takes one with __Host- only from this host, over TLS, for every path.
func (j cookieJar) name(purpose string) string {
	if j.secure {
		return "__Host-" + purpose
	}
	return purpose + j.suffix
}

// The purposes of our cookies.
const (
	cookieSession = "session" // the secret of a session
	cookieKnown   = "known"   // tells a browser in which its user signed in before
	cookieOIDC    = "oidc"    // binds a single sign-on to the browser that began it
)

// session is the secret in the cookie of the request.
func (j cookieJar) session(c *fiber.Ctx) (secret string, given bool, err error) {
	return j.get(c, cookieSession)
}

// get is the value of a cookie. Two of one name are refused: another host of the same domain may have set one of them.
func (j cookieJar) get(c *fiber.Ctx, purpose string) (value string, given bool, err error) {
	want, n := j.name(purpose), 0
	for name, v := range c.Request().Header.Cookies() {
		if string(name) == want {
			value = string(v)
			n++
		}
	}
	if n > 1 {
		return "", true, badRequest("The cookie " + want + " is there twice. Delete the cookies of this site.")
	}
	return value, n == 1, nil
}

// set gives the browser a cookie until a time, or until it is closed if that is zero.
func (j cookieJar) set(c *fiber.Ctx, purpose, value string, until time.Time) {
	cookie := j.cookie(purpose)
	defer fasthttp.ReleaseCookie(cookie)
	cookie.SetValue(value)
	if !until.IsZero() {
		cookie.SetMaxAge(max(1, int(time.Until(until).Seconds())))
	}
	c.Response().Header.SetCookie(cookie)
}

// remove takes a cookie from the browser.
func (j cookieJar) remove(c *fiber.Ctx, purpose string) {
	cookie := j.cookie(purpose)
	defer fasthttp.ReleaseCookie(cookie)
	cookie.SetExpire(fasthttp.CookieExpireDelete)
	c.Response().Header.SetCookie(cookie)
}

func (j cookieJar) cookie(purpose string) *fasthttp.Cookie {
	cookie := fasthttp.AcquireCookie()
	cookie.SetKey(j.name(purpose))
	cookie.SetPath("/")
	cookie.SetHTTPOnly(true)
	cookie.SetSecure(j.secure)
	cookie.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	return cookie
}
