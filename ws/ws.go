// Package ws serves the WebSocket endpoints: sockets, their rooms, replay and presence.
//
// A [Hub] is the handler of an [events.Follower]. It delivers each entry of the event log to the sockets in the rooms
// that the entry concerns. A socket that was away joins with a position, and its writer replays the log from
// there. AsyncAPI describes every frame.
package ws

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"grapevine"
)

// Config says how a hub treats its sockets.
type Config struct {
	// Clock is MongoDB's time. The age of the event log is measured against it. nil means that sockets are
	// never told that the pipeline is degraded.
	Clock *grapevine.Clock

	// MaxStaleness is the age of the event log at which the pipeline is degraded; zero means 5 s.
	MaxStaleness time.Duration

	// Ping returns MongoDB's time. It is asked about a `since` that is later than every reply so far. nil means
	// that such a `since` is from the future.
	Ping func(ctx context.Context) (grapevine.Position, error)

	// Client returns the client's address, which MaxPerIP counts. nil means the peer's address; behind a proxy,
	// all clients have that one.
	Client func(*fiber.Ctx) string

	// Origins are the pages that may open a socket, beside the pages of the same host, as
	// "https://host[:port]". "*" allows every page.
	Origins []string

	MaxSockets  int           // sockets of this instance; zero means 10,000
	MaxPerIP    int           // sockets of one client network, see edge.Network; loopback has no limit; zero means 256
	MaxRooms    int           // rooms of one socket; zero means 20
	MaxQueue    int           // bytes of events in the queue of one socket; zero means 256 KiB
	MaxMemory   int           // bytes of recent entries that are kept for replays; zero means 16 MiB
	Rate        int           // frames a second from one client, and twice that in a burst; zero means 20
	PingEvery   time.Duration // between two pings; zero means 25 s
	PongWithin  time.Duration // silence after which a client counts as gone; zero means 60 s
	WriteWithin time.Duration // a longer write ends the socket; zero means 5 s
	Stall       time.Duration // a client that is behind and takes nothing for this long is slow; zero means 1 s

	Logger     *slog.Logger          // nil means no log lines
	Registerer prometheus.Registerer // nil means no metrics
}

func (c Config) withDefaults() Config {
	c.MaxStaleness = cmp.Or(c.MaxStaleness, 5*time.Second)
	c.MaxSockets = cmp.Or(c.MaxSockets, 10_000)
	c.MaxPerIP = cmp.Or(c.MaxPerIP, 256)
	c.MaxRooms = cmp.Or(c.MaxRooms, 20)
	c.MaxQueue = cmp.Or(c.MaxQueue, 256<<10)
	c.MaxMemory = cmp.Or(c.MaxMemory, 16<<20)
	c.Rate = cmp.Or(c.Rate, 20)
	c.PingEvery = cmp.Or(c.PingEvery, 25*time.Second)
	c.PongWithin = cmp.Or(c.PongWithin, 60*time.Second)
	c.WriteWithin = cmp.Or(c.WriteWithin, 5*time.Second)
	c.Stall = cmp.Or(c.Stall, time.Second)
	if c.Client == nil {
		c.Client = (*fiber.Ctx).IP
	}
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}
