package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

const (
	maxSignals         = 10_000           // length of the stream
	maxAnnouncementAge = 60 * time.Second // announcements can be large
)

// Signal is a message to every instance. It is a frame for the sockets of a room, or a presence announcement.
type Signal struct {
	Room, Frame string
	Presence    *Presence // nil for a frame
}

// Presence is what an instance announces about its sockets.
type Presence struct {
	Instance string
	Members  map[string]int // number of members, by room
	Complete bool           // Members has all rooms of the instance, not only those that changed
}

// Signals is the Redis stream of signals. Its ids are Redis' own time. It is not replayed: an instance that is
// away misses the signals. Safe for concurrent use.
type Signals struct {
	rdb *redis.Client
	key string
}

// NewSignals makes the stream under prefix. The caller closes rdb.
func NewSignals(rdb *redis.Client, prefix string) *Signals {
	return &Signals{rdb: rdb, key: prefix + grapevine.KeySignals}
}

// Send hands payload to the sockets of a room in every instance. Its JSON is an object with "event" and
// "room", and becomes the frame as it is.
func (s *Signals) Send(ctx context.Context, payload any) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode a signal: %w", err)
	}
	var head struct{ Event, Room string }
	if err := json.Unmarshal(text, &head); err != nil || head.Event == "" || head.Room == "" {
		return errors.New(`a signal must be a JSON object with "event" and "room"`)
	}
	_, err = s.add(ctx, "room", head.Room, "frame", text)
	return err
}

// Announce tells the other instances about the sockets of this one. A complete announcement also removes old
// signals.
func (s *Signals) Announce(ctx context.Context, p Presence) error {
	members, err := json.Marshal(p.Members)
	if err != nil {
		return fmt.Errorf("encode an announcement: %w", err)
	}
	fields := []any{"from", p.Instance, "rooms", members}
	if p.Complete {
		fields = append(fields, "full", "1")
	}
	id, err := s.add(ctx, fields...)
	if err != nil || !p.Complete {
		return err
	}
	at, err := grapevine.ParsePosition(id) // here Time is in milliseconds
	maxAge := uint64(maxAnnouncementAge.Milliseconds())
	if err != nil || at.Time < maxAge {
		return err
	}
	return s.rdb.XTrimMinIDApprox(ctx, s.key, strconv.FormatUint(at.Time-maxAge, 10), 0).Err()
}

func (s *Signals) add(ctx context.Context, fields ...any) (id string, err error) {
	id, err = s.rdb.XAdd(ctx, &redis.XAddArgs{Stream: s.key, MaxLen: maxSignals, Approx: true, Values: fields}).Result()
	return id, redisx.NameKeys(err, s.key)
}

// parseSignal reads an entry of the stream. ok is false for an entry that was written by hand.
func parseSignal(m redis.XMessage) (s Signal, ok bool) {
	if from, ok := m.Values["from"].(string); ok {
		p := &Presence{Instance: from}
		rooms, _ := m.Values["rooms"].(string)
		_, p.Complete = m.Values["full"]
		return Signal{Presence: p}, json.Unmarshal([]byte(rooms), &p.Members) == nil
	}
	s.Room, _ = m.Values["room"].(string)
	s.Frame, _ = m.Values["frame"].(string)
	return s, s.Room != "" && s.Frame != ""
}

func parseSignals(messages []redis.XMessage) []Signal {
	list := make([]Signal, 0, len(messages))
	for _, m := range messages {
		if s, ok := parseSignal(m); ok {
			list = append(list, s)
		}
	}
	return list
}
