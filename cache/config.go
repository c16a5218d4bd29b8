package cache

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config is what a [Cache] needs to know. The zero value of every field stands for its default.
type Config struct {
	Prefix      string                // of every key in Redis; default "grapevine:"
	TTL         time.Duration         // how long a scope lives, from its first miss; default 60 s
	MaxFields   int                   // values one scope may hold; default 200
	MaxScope    int                   // bytes one scope may hold; default 32 MiB
	MaxValue    int                   // bytes one value may have; default 1 MiB
	Timeout     time.Duration         // how long a read waits for Redis before it goes to MongoDB; default 100 ms
	LoadTimeout time.Duration         // how long one load may take, whoever asked for it; default 10 s
	Logger      *slog.Logger          // default: discards
	Registerer  prometheus.Registerer // where the metrics grapevine_cache_… go; default: nowhere
}

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = "grapevine:"
	}
	if c.TTL == 0 {
		c.TTL = time.Minute
	}
	if c.MaxFields == 0 {
		c.MaxFields = 200
	}
	if c.MaxScope == 0 {
		c.MaxScope = 32 << 20
	}
	if c.MaxValue == 0 {
		c.MaxValue = 1 << 20
	}
	if c.Timeout == 0 {
		c.Timeout = 100 * time.Millisecond
	}
	if c.LoadTimeout == 0 {
		c.LoadTimeout = 10 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate names the fields that cannot be used.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
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
