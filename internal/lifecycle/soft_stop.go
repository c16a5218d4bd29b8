// Package lifecycle stops long-running parts in two phases. It knows nothing of the product.
package lifecycle

import (
	"context"
	"errors"
	"time"
)

// ErrGraceOver is the cause of a work context that was cut off because its grace period ended.
var ErrGraceOver = errors.New("the grace period of the shutdown is over")

// SoftStop returns the two contexts of a part that stops in two phases. intake ends with ctx; the part then starts no
// new work. work ends when grace has passed after that; until then the part can finish its current work. cancel ends
// both at once with a cause. The caller must call it. Both carry the values of ctx.
func SoftStop(ctx context.Context, grace time.Duration) (intake, work context.Context, cancel context.CancelCauseFunc) {
	work, cancelWork := context.WithCancelCause(context.WithoutCancel(ctx))
	intake, stopIntake := context.WithCancel(work)
	unregister := context.AfterFunc(ctx, func() {
		stopIntake()
		timer := time.AfterFunc(grace, func() { cancelWork(ErrGraceOver) })
		context.AfterFunc(work, func() { timer.Stop() })
	})
	return intake, work, func(cause error) {
		unregister()
		cancelWork(cause)
		stopIntake()
	}
}
