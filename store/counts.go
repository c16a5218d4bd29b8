package store

import (
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

const (
	countAtMost  = 8000 // a count stops there
	rememberFor  = time.Minute
	maxRemember  = 10_000 // counts
	unknownCount = countAtMost + 1
)

// selection is a set of contacts that ranges of indexes hold, such as those with a tag.
type selection struct {
	name  string // within the workspace
	parts []indexRange
}

// indexRange is a range of an index as a condition, for which MongoDB reads index entries only, and perhaps as keys. A
// find beside other conditions on the same array needs the keys.
type indexRange struct {
	index     string
	where     bson.D
	low, high bson.D // from low to before high; nil: there are none
}

// counts remembers how many contacts selections have. The numbers are hints.
type counts struct {
	mu    sync.Mutex
	known map[string]knownCount
}

type knownCount struct {
	n     int
	until time.Time
}

func (c *counts) get(name string) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.known[name]
	return known.n, ok && time.Now().Before(known.until)
}

func (c *counts) set(name string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxRemember {
		c.known = map[string]knownCount{}
	}
	c.known[name] = knownCount{n, time.Now().Add(rememberFor)}
}

// forget drops a count that turned out to be wrong.
func (c *counts) forget(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, name)
}

// count returns about how many contacts a selection has, at most unknownCount.
func (s *Store) count(ctx context.Context, workspace string, of selection) int {
	name := workspace + "\x00" + of.name
	if n, ok := s.counts.get(name); ok {
		return n
	}
	n := 0
	for _, part := range of.parts {
		if n >= countAtMost {
			break
		}
		more, err := s.countRange(ctx, workspace, part, countAtMost-n+1)
		if err != nil {
			return unknownCount // a hint less; the query itself reports what is wrong
		}
		n += more
	}
	n = min(n, unknownCount)
	s.counts.set(name, n)
	return n
}

func (s *Store) countRange(ctx context.Context, workspace string, part indexRange, limit int) (int, error) {
	command, _ := s.resolveHint(bson.D{
		{Key: "count", Value: grapevine.CollectionContacts},
		{Key: "query", Value: append(bson.D{{Key: "workspace", Value: workspace}}, part.where...)},
		{Key: "limit", Value: limit},
		{Key: "hint", Value: part.index},
		{Key: "readConcern", Value: bson.D{{Key: "level", Value: "majority"}}},
	})
	var reply struct {
		N int `bson:"n"`
	}
	err := s.db.RunCommand(ctx, command).Decode(&reply)
	return reply.N, err
}
