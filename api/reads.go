package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// view is what a read may claim to show, and where it must look for it.
type view struct {
	position grapevine.Position // lower bound of what the answer shows; a read of MongoDB is causal after it
	cached   bool               // the cache may be asked
}

// viewFrom decides how a read is served that must not be before least.
//
// The watermark is taken here, before the cache is asked: whatever is at or before it was forgotten
// by the cache earlier, so both a hit and a read of MongoDB show it. The read's own operationTime
// would be too high, for a read may lack a write at that very time.
func (s *Server) viewFrom(ctx context.Context, least grapevine.Position) (view, error) {
	mark := s.cfg.Watermark.Watermark()
	if _, known := s.cfg.Clock.Age(mark); !known {
		at, err := s.cfg.Contacts.Ping(ctx)
		if at.Time == least.Time && at.Before(least) {
			at = least // a write of many ends later in the same time
		}
		return view{position: at}, err
	}
	if mark.Before(least) {
		var err error
		if least, err = s.clamp(ctx, least); err != nil {
			return view{}, err
		}
		if s.fresh(mark) && mark.Before(least) {
			// A watermark that has fallen behind will not get there in time; asking MongoDB at once
			// keeps reads quick while a watcher works off a backlog.
			wait, cancel := context.WithTimeout(ctx, patience)
			_ = s.cfg.Watermark.WaitFor(wait, least) // how it ended shows in the watermark
			cancel()
			mark = s.cfg.Watermark.Watermark()
		}
		if mark.Before(least) {
			return view{position: least}, nil
		}
	}
	return view{position: mark, cached: s.fresh(mark)}, nil
}

// aboutContacts reports whether the path is one whose answers carry a Position.
func aboutContacts(path string) bool {
	return path == "/contacts" || strings.HasPrefix(path, "/contacts/")
}

// mark keeps the watermark as it is before a request of contacts is worked on, for [Server.place].
func (s *Server) mark(c *fiber.Ctx) {
	if aboutContacts(c.Path()) {
		c.Locals(headerPosition, s.cfg.Watermark.Watermark())
	}
}

// place gives an error about contacts the position it lacks. What it says was so when the request was
// taken up or later, so the watermark of that moment is a lower bound of it.
func (s *Server) place(c *fiber.Ctx, p problem) {
	if !aboutContacts(c.Path()) || len(c.Response().Header.Peek(headerPosition)) > 0 {
		return
	}
	at, taken := c.Locals(headerPosition).(grapevine.Position)
	if !taken { // refused before it came to a route
		at = s.cfg.Watermark.Watermark()
	}
	if at.IsZero() && p.Status < http.StatusInternalServerError {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		at, _ = s.cfg.Contacts.Ping(ctx) // away: then nothing is known
	}
	if !at.IsZero() {
		c.Set(headerPosition, at.String())
	}
}

// fresh reports whether what the cache holds is within MaxStaleness; an unknown age is not.
func (s *Server) fresh(mark grapevine.Position) bool {
	age, known := s.cfg.Clock.Age(mark)
	return known && age <= s.cfg.MaxStaleness
}

// clamp brings a position from the future down to MongoDB's time. Nothing has happened after that, so
// nothing is missed, while MongoDB refuses such an afterClusterTime and a client that was given it
// back would wait for it for ever.
func (s *Server) clamp(ctx context.Context, p grapevine.Position) (grapevine.Position, error) {
	if p.Time <= s.cfg.Clock.Newest().Time {
		return p, nil
	}
	at, err := s.cfg.Contacts.Ping(ctx)
	if err == nil && at.Time < p.Time {
		p = at
	}
	return p, err
}

// A loaded answer is one entry of the cache: a contact's, list's or statistic's ETag, a newline, and
// the body as it is sent. Absence is an answer too.
var absent = []byte("-")

func loaded(etag string, body []byte) []byte {
	return append(append(append(make([]byte, 0, len(etag)+1+len(body)), etag...), '\n'), body...)
}

type load func(ctx context.Context, after grapevine.Position) ([]byte, error)

// read answers with what the cache has under scope and field, or with what load finds.
func (s *Server) read(c *fiber.Ctx, scope, field string, load load) error {
	least, err := minPosition(c)
	if err != nil {
		return err
	}
	tags, err := condition(c, fiber.HeaderIfNoneMatch)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	v, err := s.viewFrom(ctx, least)
	if err != nil {
		return err
	}
	// A load may be shared by readers of the same lease, whose views are older or newer than this
	// one. That is sound: nothing of this scope was forgotten between them.
	after := func(ctx context.Context, after grapevine.Position) ([]byte, error) {
		if after.Before(v.position) {
			after = v.position
		}
		value, err := load(ctx, after)
		if err == nil {
			s.mongoAnswered()
		}
		return value, err
	}
	var value []byte
	status := "fwd=bypass"
	if v.cached {
		value, status, err = s.cfg.Cache.Fetch(ctx, scope, bounded(field), after)
	} else {
		value, err = after(ctx, v.position)
	}
	if err != nil {
		return err
	}
	s.observer.cache.WithLabelValues(status).Inc()
	c.Set(headerPosition, v.position.String())
	c.Set(headerCacheStatus, "grapevine; "+status)
	return answer(c, value, tags)
}

func answer(c *fiber.Ctx, value []byte, unless []string) error {
	etag, body, ok := bytes.Cut(value, []byte{'\n'})
	if !ok {
		return notFound()
	}
	c.Response().Header.SetBytesV(fiber.HeaderETag, etag)
	revalidate(c)
	if noneMatch(unless, string(etag)) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	c.Response().SetBodyRaw(body) // shared with other readers: fasthttp only writes it out
	return nil
}

// revalidate lets a browser keep an answer but not use it unasked, and never for another workspace.
func revalidate(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Set(fiber.HeaderVary, headerWorkspace)
}

func notFound() error {
	return &grapevine.Error{Code: grapevine.NotFound, Message: "There is no such contact in this workspace."}
}

// bounded keeps names of cache fields short, whatever the query.
func bounded(field string) string {
	if len(field) <= 128 {
		return field
	}
	sum := sha256.Sum256([]byte(field))
	return field[:16] + hex.EncodeToString(sum[:])
}
