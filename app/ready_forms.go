package app

import (
	"context"
	"fmt"
	"math"
	"time"

	"grapevine/api"
	"grapevine/internal/retry"
)

const formingInterval = time.Second // between two looks whether a walk forms the contacts

// formsPart says how far the contacts have their place in lists and searches.
func (a *App) formsPart(ctx context.Context) api.PartHealth {
	progress, err := a.forms.Progress(ctx)
	detail := map[string]any{
		"walking": progress.Walking, "migrating": progress.Migrating, "seen": progress.Seen, "total": progress.Total, "waiting": progress.Waiting,
	}
	switch {
	case err != nil:
		return unready(stateUnknown, reasonOf(err), nil)
	case progress.Walking:
		return unready("forming", fmt.Sprintf("Contacts get their place in lists and searches: %d of about %d are done. Lists show the others at their end, and searches do not find them yet.",
			progress.Seen, progress.Total), detail)
	}
	return api.PartHealth{Ready: true, State: "formed", Detail: detail}
}

// unformed counts the contacts that are not found by their names yet.
func (a *App) unformed(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	progress, err := a.forms.Progress(ctx)
	if progress.Walking {
		return math.MaxInt64, err
	}
	return progress.Waiting, err
}

// followForming tells the store whether a walk forms the contacts, so that searches say that they are partial.
func (a *App) followForming(ctx context.Context) error {
	for ctx.Err() == nil {
		limited, cancel := context.WithTimeout(ctx, readyTimeout)
		if walking, err := a.forms.IsWalking(limited); err == nil {
			a.store.SetForming(walking)
		}
		cancel()
		_ = retry.Sleep(ctx, formingInterval)
	}
	return nil
}
