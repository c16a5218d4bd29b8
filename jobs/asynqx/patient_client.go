package asynqx

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine/internal/retry"
)

// PatientClient is a client for one Asynq server. Asynq asks for the next task again as soon as Redis has refused or
// failed, which would cost most of a core. The client waits before it returns such an error, longer each time.
type PatientClient struct {
	redis.UniversalClient

	ctx     context.Context //nolint:containedctx // Asynq's calls have none that ends with the server
	log     *retry.FailureLog
	backoff retry.Backoff // only the one goroutine of Asynq that asks for tasks uses it
	trouble atomic.Pointer[trouble]
}

// trouble is the last error of a request for a task.
type trouble struct {
	queue string // key of its list
	err   error
}

// longestPause is how long it takes at most until a worker notices that Redis works again.
const longestPause = 5 * time.Second

// NewPatientClient uses rdb, which the caller closes. Waits end with ctx. log gets each failure to take a task.
func NewPatientClient(ctx context.Context, rdb *redis.Client, log *retry.FailureLog) *PatientClient {
	return &PatientClient{UniversalClient: rdb, ctx: ctx, log: log, backoff: retry.Backoff{Max: longestPause}}
}

// Trouble is the error with which the worker cannot take tasks at the moment; nil if it can.
func (p *PatientClient) Trouble() error {
	if t := p.trouble.Load(); t != nil {
		return t.err
	}
	return nil
}

// EvalSha runs a script of Asynq.
func (p *PatientClient) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	cmd := p.UniversalClient.EvalSha(ctx, sha, keys, args...)
	if !redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") { // Eval follows
		p.pauseAfter(cmd.Err(), keys)
	}
	return cmd
}

// Eval runs a script of Asynq that Redis did not know.
func (p *PatientClient) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	cmd := p.UniversalClient.Eval(ctx, script, keys, args...)
	p.pauseAfter(cmd.Err(), keys)
	return cmd
}

// pauseAfter waits if a request for a task failed. That script is the only one of a server that looks whether the
// queue is paused.
func (p *PatientClient) pauseAfter(err error, keys []string) {
	if len(keys) < 2 || !strings.HasSuffix(keys[1], ":"+paused) || p.ctx.Err() != nil {
		return
	}
	before := p.trouble.Load()
	if err != nil && !errors.Is(err, redis.Nil) {
		p.trouble.Store(&trouble{queue: keys[0], err: err})
		p.log.Failure(err)
		_ = retry.Sleep(p.ctx, p.backoff.Next())
	} else if before != nil && before.queue == keys[0] {
		p.trouble.Store(nil)
		p.backoff.Reset()
		p.log.Success()
	}
}
