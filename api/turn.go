package api

import (
	"context"
	"time"

	"grapevine"
)

const (
	// maxLarge is how many imports and other large bodies are read at the same time. Each keeps a core busy and needs
	// several times its bytes in memory.
	maxLarge  = 2
	largeBody = 64 << 10
)

// takeTurn waits until a large body may be read. end gives the turn to the next request.
func (s *Server) takeTurn(ctx context.Context) (end func(), err error) {
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, &grapevine.Error{Code: grapevine.TooMany, Message: "Too many imports and other large requests are running.", RetryAfter: 5 * time.Second}
	}
}
