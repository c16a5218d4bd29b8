package imports

import (
	"context"
	"slices"
	"time"

	"grapevine"
)

// Progress is the effect of the changes of imports that shows each import to those who watch its workspace.
type Progress struct {
	Storage *Storage
	Show    func(ctx context.Context, i Import) error
}

// readTimeout bounds the reading of an import that has changed.
const readTimeout = 5 * time.Second

// Apply shows the current state of each import once.
func (p *Progress) Apply(ctx context.Context, batch grapevine.Batch) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var ids []string
	for i := range batch.Changes {
		c := &batch.Changes[i]
		if (c.Op == grapevine.Created || c.Op == grapevine.Updated) && !slices.Contains(ids, c.ID) {
			ids = append(ids, c.ID)
		}
	}
	for _, id := range ids {
		found, err := p.Storage.InAnyWorkspace(ctx, id)
		if err != nil {
			if grapevine.ErrorCode(err) == grapevine.Unavailable {
				return err
			}
			continue // it is gone, or a direct edit made something else of it
		}
		if err := p.Show(ctx, found); err != nil {
			return err
		}
	}
	return nil
}
