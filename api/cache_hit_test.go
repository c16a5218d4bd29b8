package api

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"grapevine"
)

// fixedReads is a watermark that is always reached and a cache that always hits. Only the cost of this
// package remains.
type fixedReads struct{ at grapevine.Position }

func (s fixedReads) Watermark() grapevine.Position                     { return s.at }
func (s fixedReads) WaitFor(context.Context, grapevine.Position) error { return nil }
func (s fixedReads) Fetch(context.Context, string, string, func(context.Context, grapevine.Position) ([]byte, error)) ([]byte, grapevine.CacheStatus, error) {
	return page, grapevine.CacheHit, nil
}

var page = encodeCached(`"tag"`, []byte(`{"items":[`+strings.Repeat(`{"id":"000000000000000000000000"},`, 50)+`],"next":null}`))

func hitServer() fasthttp.RequestHandler {
	clock := &grapevine.Clock{}
	now := grapevine.NewPosition(uint32(time.Now().Unix()), 1, 0)
	clock.Observe(now.T(), now.I())
	return New(Config{Cache: fixedReads{now}, Watermark: fixedReads{now}, Clock: clock}).App().Handler()
}

func ask(handle fasthttp.RequestHandler, c *fasthttp.RequestCtx) {
	c.Request.Reset()
	c.Response.Reset()
	c.Request.SetRequestURI("http://localhost/contacts?limit=50&company=Engines")
	handle(c)
}

// A hit reads the watermark, fetches one entry and writes bytes. The rest must cost little.
func TestCacheHitIsCheap(t *testing.T) {
	handle := hitServer()
	var c fasthttp.RequestCtx
	allocations := testing.AllocsPerRun(100, func() { ask(handle, &c) })
	require.Equal(t, 200, c.Response.StatusCode())
	require.Less(t, allocations, 100.0)
}

func BenchmarkHit(b *testing.B) {
	handle := hitServer()
	var c fasthttp.RequestCtx
	b.ReportAllocs()
	for b.Loop() {
		ask(handle, &c)
	}
}
