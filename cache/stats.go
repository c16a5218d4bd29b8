package cache

import "sync/atomic"

// Stats counts what this instance did since its start. The room "pipeline" shows it.
// Some JSON names are old ones, which clients read: forgotten, fellBack.
type Stats struct {
	Hits     uint64 `json:"hits"`     // served from Redis
	Misses   uint64 `json:"misses"`   // went to MongoDB with a lease
	Bypassed uint64 `json:"bypassed"` // went to MongoDB because Redis did not answer, or lost recent writes

	Stored   uint64 `json:"stored"`   // values stored after a miss
	Refused  uint64 `json:"refused"`  // values dropped because the scope was invalidated, or expired, since the miss
	Full     uint64 `json:"full"`     // values dropped because the scope was full
	TooLarge uint64 `json:"tooLarge"` // values dropped because of their size
	Failed   uint64 `json:"failed"`   // values dropped because Redis did not answer

	Invalidated uint64 `json:"forgotten"` // scopes invalidated, whether they held anything or not
	Purges      uint64 `json:"purges"`    // times that everything was invalidated
	RolledBack  uint64 `json:"fellBack"`  // times that Redis was seen to have lost recent writes
}

type counters struct {
	hits, misses, bypassed                  atomic.Uint64
	stored, refused, full, tooLarge, failed atomic.Uint64
	invalidated, purges                     atomic.Uint64
}

// Stats is cheap: atomic reads.
func (c *Cache) Stats() Stats {
	n := &c.count
	return Stats{
		Hits: n.hits.Load(), Misses: n.misses.Load(), Bypassed: n.bypassed.Load(),
		Stored: n.stored.Load(), Refused: n.refused.Load(), Full: n.full.Load(),
		TooLarge: n.tooLarge.Load(), Failed: n.failed.Load(),
		Invalidated: n.invalidated.Load(), Purges: n.purges.Load(), RolledBack: c.rollback.Detected(),
	}
}
