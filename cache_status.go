package grapevine

// CacheStatus says how the cache answered a read.
type CacheStatus string

// The ways in which the cache answers a read.
const (
	CacheHit    CacheStatus = "hit"    // from Redis
	CacheStored CacheStatus = "stored" // loaded from MongoDB, and stored for the next reader
	CacheMiss   CacheStatus = "miss"   // loaded from MongoDB, and not stored: the scope was invalidated meanwhile or is full, or the value is too large
	CacheBypass CacheStatus = "bypass" // loaded from MongoDB, because Redis did not answer in time or lost recent writes
)
