package asynqx

import (
	"context"
	"sync"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// NewBatchClient is an Asynq client that sends the tasks that goroutines enqueue at the same time in one
// round trip. With Asynq's own client, a batch of a thousand tasks takes a thousand round trips. Use it for one batch:
// its callers must share one context. The queues must be registered already, see [Register].
func NewBatchClient(rdb *redis.Client) *asynq.Client {
	return asynq.NewClientFromRedisClient(&pipelinedClient{UniversalClient: rdb})
}

// pipelinedClient collects the script calls of several goroutines and sends them together.
type pipelinedClient struct {
	redis.UniversalClient

	mu      sync.Mutex
	waiting []*scriptCall
	sending bool // a caller is sending for all
}

// SAdd does nothing: this is how Asynq registers a queue, once per client and so once per batch.
func (p *pipelinedClient) SAdd(ctx context.Context, _ string, _ ...any) *redis.IntCmd {
	return redis.NewIntCmd(ctx)
}

type scriptCall struct {
	sha  string
	keys []string
	args []any
	cmd  *redis.Cmd
	done chan struct{}
}

// EvalSha returns once one of the callers, perhaps this one, has sent the call.
func (p *pipelinedClient) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	call := &scriptCall{sha: sha, keys: keys, args: args, done: make(chan struct{})}
	p.mu.Lock()
	p.waiting = append(p.waiting, call)
	first := !p.sending
	p.sending = true
	p.mu.Unlock()
	if first {
		p.sendAll(ctx)
	}
	<-call.done
	return call.cmd
}

// sendAll sends until no call waits.
func (p *pipelinedClient) sendAll(ctx context.Context) {
	for {
		p.mu.Lock()
		calls := p.waiting
		p.waiting = nil
		p.sending = len(calls) > 0
		p.mu.Unlock()
		if len(calls) == 0 {
			return
		}
		// An error of the pipeline is also the error of each command, where it is read.
		_, _ = p.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for _, c := range calls {
				c.cmd = pipe.EvalSha(ctx, c.sha, c.keys, c.args...)
			}
			return nil
		})
		for _, c := range calls {
			close(c.done)
		}
	}
}
