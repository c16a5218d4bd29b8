package cache

import (
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options reads a redis:// URL into the options of a client fit for a [Cache]. The cache needs a
// client of its own: one made for a queue waits seconds and retries, and with Redis hung so would
// every read of a contact.
//
// A read's own deadline ([Config.Timeout]) rules, which go-redis heeds only with
// ContextTimeoutEnabled; the two seconds below are for [Cache.Apply]. Nothing is retried: a read has
// MongoDB to go to, and the watcher brings a failed batch again. What the URL sets itself
// (pool_size, read_timeout, …) is kept.
func Options(url string) (*redis.Options, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	opt.ContextTimeoutEnabled = true
	opt.MaxRetries = -1
	opt.DialerRetries = 1
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	for field, standard := range map[*time.Duration]time.Duration{
		&opt.ReadTimeout:  2 * time.Second,
		&opt.WriteTimeout: 2 * time.Second,
		&opt.DialTimeout:  100 * time.Millisecond,
		&opt.PoolTimeout:  80 * time.Millisecond,
	} {
		if *field == 0 {
			*field = standard
		}
	}
	if opt.PoolSize == 0 {
		opt.PoolSize = 64
	}
	return opt, nil
}
