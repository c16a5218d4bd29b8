package cache

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config configures a [Cache]. Prefix is required.
type Config struct {
	Prefix      string                // of every key in Redis: grapevine.KeyPrefix(database)
	TTL         time.Duration         // how long a scope lives after its first miss; zero means 60 s
	MaxFields   int                   // values in a scope; zero means 200
	MaxScope    int                   // bytes in a scope; zero means 32 MiB
	MaxValue    int                   // bytes in a value; zero means 1 MiB
	Timeout     time.Duration         // how long a read waits for Redis before it goes to MongoDB; zero means 100 ms
	LoadTimeout time.Duration         // how long a load may take; zero means 10 s
	Logger      *slog.Logger          // nil discards
	Registerer  prometheus.Registerer // of the metrics grapevine_cache_…; nil registers none
}

func (c Config) withDefaults() Config {
	c.TTL = cmp.Or(c.TTL, time.Minute)
	c.MaxFields = cmp.Or(c.MaxFields, 200)
	c.MaxScope = cmp.Or(c.MaxScope, 32<<20)
	c.MaxValue = cmp.Or(c.MaxValue, 1<<20)
	c.Timeout = cmp.Or(c.Timeout, 100*time.Millisecond)
	c.LoadTimeout = cmp.Or(c.LoadTimeout, 10*time.Second)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}

// validate names the fields that cannot work.
func (c Config) validate() error {
	var errs []error
	if c.Prefix == "" {
		errs = append(errs, errors.New("cache.Config.Prefix: it is missing"))
	}
	for _, f := range []struct {
		name  string
		value time.Duration
	}{{"TTL", c.TTL}, {"Timeout", c.Timeout}, {"LoadTimeout", c.LoadTimeout}} {
		if f.value < time.Millisecond {
			errs = append(errs, fmt.Errorf("cache.Config.%s: %s is less than a millisecond", f.name, f.value))
		}
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"MaxFields", c.MaxFields}, {"MaxScope", c.MaxScope}, {"MaxValue", c.MaxValue}} {
		if f.value < 1 {
			errs = append(errs, fmt.Errorf("cache.Config.%s: %d is less than 1", f.name, f.value))
		}
	}
	return errors.Join(errs...)
}
