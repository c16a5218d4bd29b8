package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"grapevine"
)

// importTimeout bounds one run of an import. A run that ends by it goes on in the next one.
const importTimeout = 24 * time.Hour

type importPayload struct {
	Import string `json:"import"`
}

// importTask is a run of an import. run counts the runs that began before, because the task of a killed worker keeps its id for a while.
func importTask(id string, run int) task {
	return task{kind: TypeImport, id: importPrefix + id + ":" + strconv.Itoa(run), payload: mustJSON(importPayload{Import: id})}
}

func decodeImport(payload []byte) (id string, err error) {
	var p importPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return "", fmt.Errorf("decode the payload: %w", err)
	}
	if !grapevine.ValidID(p.Import) {
		return "", errors.New("the payload names no import")
	}
	return p.Import, nil
}

// ImportQueue is the effect of the changes of imports: each new one gets a task.
type ImportQueue struct{ *Queue }

// Apply enqueues the first run of each new import.
func (q ImportQueue) Apply(ctx context.Context, batch grapevine.Batch) error {
	if err := q.checkRegistered(ctx); err != nil {
		return err
	}
	var tasks []task
	for i := range batch.Changes {
		if c := &batch.Changes[i]; c.Op == grapevine.Created && grapevine.ValidID(c.ID) {
			tasks = append(tasks, importTask(c.ID, 0))
		}
	}
	_, err := q.enqueue(ctx, tasks)
	return err
}

// EnqueueImport enqueues a run of an import. run counts the runs that began before.
func (q *Queue) EnqueueImport(ctx context.Context, id string, run int) error {
	_, err := q.enqueue(ctx, []task{importTask(id, run)})
	return err
}

// runImport ends when Run's context ends, and another worker goes on.
func (w *Worker) runImport(ctx context.Context, id string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if stopping := w.stopping.Load(); stopping != nil {
		defer context.AfterFunc(*stopping, cancel)()
	}
	wait, err := w.cfg.Import(ctx, id)
	if err != nil {
		return classify(err)
	}
	if wait > 0 {
		return &laterError{reason: deferBusy, delay: wait, error: fmt.Errorf("import %s has to wait", id)}
	}
	return nil
}
