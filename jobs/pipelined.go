package jobs

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// pipelined sends the scripts that goroutines call at the same time in one round trip. Asynq enqueues
// one task a call; a batch of a thousand would otherwise be a thousand round trips, and most of the
// time of both cores. It serves one batch: all its callers share a context.
type pipelined struct {
	redis.UniversalClient

	mu      sync.Mutex
	waiting []*scriptCall
	leading bool
}

// SAdd is Asynq's client making its queue known, once in its life and so once for each of these. The
// batch has done it already, see publish.
func (p *pipelined) SAdd(ctx context.Context, _ string, _ ...any) *redis.IntCmd {
	return redis.NewIntCmd(ctx)
}

type scriptCall struct {
	sha  string
	keys []string
	args []any
	cmd  *redis.Cmd
	done chan struct{}
}

// EvalSha waits until some caller, perhaps this one, has sent it along with those that came meanwhile.
func (p *pipelined) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	call := &scriptCall{sha: sha, keys: keys, args: args, done: make(chan struct{})}
	p.mu.Lock()
	p.waiting = append(p.waiting, call)
	lead := !p.leading
	p.leading = true
	p.mu.Unlock()
	if lead {
		p.lead(ctx)
	}
	<-call.done
	return call.cmd
}

func (p *pipelined) lead(ctx context.Context) {
	for {
		p.mu.Lock()
		calls := p.waiting
		p.waiting = nil
		p.leading = len(calls) > 0
		p.mu.Unlock()
		if len(calls) == 0 {
			return
		}
		// An error of the whole is an error of each command, and read there.
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
