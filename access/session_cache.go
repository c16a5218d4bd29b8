package access

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// sessionCache keeps in Redis what an instance has read of a session, for the others. It is cache-aside, and for speed
// only: held.trust decides whether an entry counts, and without Redis MongoDB is asked.
type sessionCache struct {
	redis   redis.UniversalClient
	prefix  string
	ttl     time.Duration
	timeout time.Duration
	breaker breaker
	stores  chan cachedSession
}

// maxStores bounds the entries that wait to be stored. Beyond it entries are dropped.
const maxStores = 256

// cachedSession is an entry. It has no secret in it: neither that of the session nor the password's hash.
type cachedSession struct {
	Hash    string                    `json:"-"`
	At      grapevine.Position        `json:"at"` // what the reader's stream had reached before the read
	User    string                    `json:"user"`
	Name    string                    `json:"name"`
	Email   string                    `json:"email"`
	Admin   bool                      `json:"admin,omitempty"`
	Roles   map[string]grapevine.Role `json:"roles,omitempty"`
	Seen    time.Time                 `json:"seen"`
	Expires time.Time                 `json:"expires"`
	Latest  time.Time                 `json:"latest"`
	Idle    time.Duration             `json:"idle"`
}

// get finds the entry of a session. It is nil if there is none, or Redis does not answer at once.
func (c *sessionCache) get(ctx context.Context, hash secretHash) *cachedSession {
	if c.redis == nil || !c.breaker.allow() {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	text, err := c.redis.Get(limited, c.prefix+hash.String()).Bytes()
	c.report(ctx, err)
	if err != nil {
		return nil
	}
	s := cachedSession{Hash: hash.String()}
	if err := json.Unmarshal(text, &s); err != nil || s.User == "" || s.Latest.IsZero() {
		return nil
	}
	return &s
}

// report counts the outcome of a call under the caller's ctx.
func (c *sessionCache) report(ctx context.Context, err error) {
	var answer redis.Error
	switch {
	case err == nil, errors.As(err, &answer):
		c.breaker.success()
	case ctx.Err() != nil, errors.Is(err, redis.ErrPoolTimeout): // says nothing about Redis
	default:
		c.breaker.failure(err)
	}
}

// put stores what was read of a session, soon and not waited for.
func (c *sessionCache) put(e *heldRight, start readStart) {
	if c.redis == nil || e.stream == 0 || e.principal.Session == "" || start.reached.IsZero() {
		return
	}
	p := e.principal
	entry := cachedSession{
		Hash: p.Session, At: start.reached, User: p.User, Name: p.Name, Email: p.Email, Admin: p.Admin, Roles: p.Roles,
		Seen: e.use.seen, Expires: e.use.expires, Latest: e.latest, Idle: e.idle,
	}
	select {
	case c.stores <- entry:
	default:
	}
}

// run stores entries until ctx is done.
func (c *sessionCache) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case entry := <-c.stores:
			if c.breaker.allow() {
				c.store(ctx, entry)
			}
		}
	}
}

func (c *sessionCache) store(ctx context.Context, entry cachedSession) {
	text, err := json.Marshal(entry)
	if err != nil {
		return
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	c.report(ctx, c.redis.Set(limited, c.prefix+entry.Hash, text, c.ttl).Err())
}

// right is what the entry says.
func (s *cachedSession) right() *right {
	return &right{
		hash: s.Hash, use: use{seen: s.Seen, expires: s.Expires}, latest: s.Latest, idle: s.Idle,
		principal: &grapevine.Principal{
			Kind: grapevine.ByUser, ID: s.User, User: s.User, Session: s.Hash, Name: s.Name, Email: s.Email,
			Admin: s.Admin, Roles: s.Roles, Until: s.Latest,
		},
	}
}
