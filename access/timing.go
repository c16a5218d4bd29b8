package access

import "time"

// timing has the durations that the contract names, and the deadlines that keep it. Tests shorten some.
type timing struct {
	fresh  time.Duration // an answer of the change stream counts so long
	shared time.Duration // one read of MongoDB serves all who ask within this time
	grace  time.Duration // MongoDB does not answer: who was proven within this time goes on reading
	memory time.Duration // how long the names of changed sessions and users are kept, and entries in Redis
	tick   time.Duration // between two looks at the ends of what is followed

	await  time.Duration // how long the server waits for a change before it answers without one
	stream time.Duration // of one call of the change stream
	read   time.Duration // of one read of MongoDB
	redis  time.Duration // of one call of Redis by a request
	write  time.Duration // of an update that nobody waits for

	seen time.Duration // between two updates of seenAt of one session
	used time.Duration // between two updates of usedAt of one token
}

var standardTiming = timing{
	fresh: 2 * time.Second, shared: time.Second, grace: time.Minute, memory: 10 * time.Minute, tick: 500 * time.Millisecond,
	await: 400 * time.Millisecond, stream: 3 * time.Second, read: 3 * time.Second, redis: 50 * time.Millisecond, write: 5 * time.Second,
	seen: 10 * time.Minute, used: time.Minute,
}
