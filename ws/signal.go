package ws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// maxSignals bounds the stream of signals, which is never replayed.
const maxSignals = 10_000

// Signal hands payload to every instance, for the sockets in a room: what has no place in MongoDB's
// time, such as the result of a job. payload's JSON is an object with "event" and "room"; it reaches
// the sockets as it is. Nothing is kept for those who are away.
func (h *History) Signal(ctx context.Context, payload any) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode a signal: %w", err)
	}
	var head struct{ Event, Room string }
	if err := json.Unmarshal(text, &head); err != nil || head.Event == "" || head.Room == "" {
		return errors.New(`a signal is a JSON object with "event" and "room"`)
	}
	_, err = addSignal(ctx, h.rdb, h.signals, "room", head.Room, "frame", text)
	return err
}

func addSignal(ctx context.Context, rdb redis.Cmdable, key string, fields ...any) (id string, err error) {
	return rdb.XAdd(ctx, &redis.XAddArgs{Stream: key, MaxLen: maxSignals, Approx: true, Values: fields}).Result()
}
