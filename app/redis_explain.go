package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"grapevine/internal/tlsx"
)

// explainRedis makes an error about the connection to Redis say what to do. Other errors are returned as they are.
func (c *Connections) explainRedis(ctx context.Context, err error) error {
	if reply := redis.Error(nil); err == nil || errors.Is(ctx.Err(), context.Canceled) || errors.As(err, &reply) {
		return err
	}
	ctx = context.WithoutCancel(ctx) // its time may be over, because the server does not answer
	server, parseErr := c.parseRedisURL()
	if parseErr != nil {
		return err
	}
	if remedy := tlsx.Remedy(err); remedy != "" {
		return fmt.Errorf("the server at %s: %s", server.Addr(), remedy)
	}
	speaks, known := tlsx.Speaks(ctx, server.Network(), server.Addr())
	switch wanted := server.TLSConfig() != nil; {
	case !known:
		return fmt.Errorf("no Redis answers at %s; start it, or correct the address", server.Addr())
	case speaks && !wanted:
		return fmt.Errorf("the server at %s expects TLS; write rediss:// instead of redis://", server.Addr())
	case !speaks && wanted:
		return fmt.Errorf("the server at %s does not speak TLS; write redis:// instead of rediss://, or turn on TLS there", server.Addr())
	}
	return err
}
