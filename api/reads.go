package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// readPlan says how a read is served.
type readPlan struct {
	position grapevine.Position // lower bound of what the answer shows; MongoDB is read causally after it
	cached   bool               // the cache may answer
}

// newReadPlan plans a read that must not be before minimum, from the watermark alone. recent says that
// the watermark is within MaxStaleness of MongoDB's time.
func newReadPlan(watermark, minimum grapevine.Position, recent bool) readPlan {
	if watermark.Before(minimum) {
		return readPlan{position: minimum}
	}
	return readPlan{position: watermark, cached: recent}
}

// planRead takes the watermark, waits for it if it is close to minimum, and plans the read.
//
// The watermark is taken before the cache is asked. The cache was invalidated for every change up to
// it, so a hit and a read of MongoDB both show those changes. The operationTime of the read itself
// would be too high: a read can miss a write of the same time.
func (s *Server) planRead(ctx context.Context, minimum grapevine.Position) (readPlan, error) {
	watermark := s.cfg.Watermark.Watermark()
	if _, known := s.cfg.Clock.Age(watermark); !known {
		return s.planWithoutWatermark(ctx, minimum)
	}
	if watermark.Before(minimum) {
		var err error
		if minimum, err = s.cfg.Clock.Clamp(ctx, minimum, s.cfg.Contacts.Ping); err != nil {
			return readPlan{}, err
		}
		// A watermark that is not recent will not reach minimum in time. Asking MongoDB at once keeps
		// reads fast while a watcher works off a backlog.
		if watermark.Before(minimum) && s.withinStaleness(watermark) {
			watermark = s.waitForWatermark(ctx, minimum)
		}
	}
	return newReadPlan(watermark, minimum, s.withinStaleness(watermark)), nil
}

// planWithoutWatermark plans a read of an instance that knows no watermark yet.
func (s *Server) planWithoutWatermark(ctx context.Context, minimum grapevine.Position) (readPlan, error) {
	at, err := s.cfg.Contacts.Ping(ctx)
	if at.Time == minimum.Time && at.Before(minimum) {
		at = minimum // the Position of an import is the last one of its time, so it can be later than the ping's
	}
	return readPlan{position: at}, err
}

// waitForWatermark returns the watermark once it has reached p, or after watermarkWait.
func (s *Server) waitForWatermark(ctx context.Context, p grapevine.Position) grapevine.Position {
	ctx, cancel := context.WithTimeout(ctx, watermarkWait)
	defer cancel()
	_ = s.cfg.Watermark.WaitFor(ctx, p) // the watermark itself says how it ended
	return s.cfg.Watermark.Watermark()
}

// withinStaleness reports whether the watermark, and so the cache, is within MaxStaleness of MongoDB's time.
func (s *Server) withinStaleness(watermark grapevine.Position) bool {
	age, known := s.cfg.Clock.Age(watermark)
	return known && age <= s.cfg.MaxStaleness
}

// loadFunc reads an answer from MongoDB, causally after a position, as a cache entry.
type loadFunc func(ctx context.Context, after grapevine.Position) ([]byte, error)

// read answers with the cache's entry for scope and field, or with what load returns.
func (s *Server) read(c *fiber.Ctx, scope, field string, load loadFunc) error {
	minimum, err := minPosition(c)
	if err != nil {
		return err
	}
	ifNoneMatch, err := etagCondition(c, fiber.HeaderIfNoneMatch)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	plan, err := s.planRead(ctx, minimum)
	if err != nil {
		return err
	}
	cachedResponse, status, err := s.fetch(ctx, plan, scope, field, load)
	if err != nil {
		return err
	}
	parameters := cacheStatusParameters[status]
	s.observer.metrics.cache.WithLabelValues(parameters).Inc()
	c.Set(headerPosition, plan.position.String())
	c.Set(headerCacheStatus, "grapevine; "+parameters)
	return respondCached(c, cachedResponse, ifNoneMatch)
}

// fetch returns an entry from the cache or MongoDB.
func (s *Server) fetch(ctx context.Context, plan readPlan, scope, field string, load loadFunc) (cachedResponse []byte, status grapevine.CacheStatus, err error) {
	// The cache may share one load between readers with the same fill lease, whose plans are older or
	// newer than this one. That is safe: the scope was not invalidated between them.
	loadAfter := func(ctx context.Context, after grapevine.Position) ([]byte, error) {
		if after.Before(plan.position) {
			after = plan.position
		}
		cachedResponse, err := load(ctx, after)
		if err == nil {
			s.mongoAnswered()
		}
		return cachedResponse, err
	}
	if plan.cached {
		return s.cfg.Cache.Fetch(ctx, scope, shortKey(entryShape+field), loadAfter)
	}
	cachedResponse, err = loadAfter(ctx, plan.position)
	return cachedResponse, grapevine.CacheBypass, err
}

// entryShape is in front of the name of each cache entry. It changes with the shape of the answers, because instances of an
// earlier version fill the same scopes during an upgrade. The scopes keep their names, so that each watcher invalidates them for all.
const entryShape = "2/"

// missingMarker is the cache entry for a contact that does not exist.
var missingMarker = []byte("-")

// encodeCached makes a cache entry: the ETag of an answer, a newline, and the body as it is sent.
func encodeCached(etag string, body []byte) []byte {
	return append(append(append(make([]byte, 0, len(etag)+1+len(body)), etag...), '\n'), body...)
}

func respondCached(c *fiber.Ctx, cachedResponse []byte, ifNoneMatch []string) error {
	etag, body, ok := bytes.Cut(cachedResponse, []byte{'\n'})
	if !ok {
		return notFound()
	}
	c.Response().Header.SetBytesV(fiber.HeaderETag, etag)
	// A browser may keep the answer, but must revalidate it, and not use it for another workspace.
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Set(fiber.HeaderVary, headerWorkspace)
	if grapevine.ETagMatches(ifNoneMatch, string(etag)) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	c.Response().SetBodyRaw(body) // other readers share it; fasthttp only writes it out
	return nil
}

func notFound() error {
	return &grapevine.Error{Code: grapevine.NotFound, Message: "There is no such contact in this workspace."}
}

// shortKey keeps the names of cache fields short, whatever the query.
func shortKey(field string) string {
	const limit = 128
	if len(field) <= limit {
		return field
	}
	sum := sha256.Sum256([]byte(field))
	return field[:16] + hex.EncodeToString(sum[:])
}
