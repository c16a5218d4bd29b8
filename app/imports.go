package app

import (
	"context"
	"errors"

	"grapevine/api"
	"grapevine/events"
	"grapevine/imports"
	"grapevine/jobs"
	"grapevine/watcher"
	"grapevine/ws"
)

// importFrame shows an import to the people in its workspace.
type importFrame struct {
	Event string `json:"event"` // ws.EventImport
	Room  string `json:"room"`
	imports.Import
}

// showImport sends the state of an import to the room of its workspace.
func (a *App) showImport(ctx context.Context, i imports.Import) error {
	if !i.State.Ended() && i.Message == "" {
		i.Message = a.importObstacle(ctx)
	}
	return a.signals.Send(ctx, importFrame{Event: ws.EventImport, Room: events.WorkspaceRoom(i.Workspace), Import: i})
}

// enqueueImports enqueues runs of imports.
func (a *App) enqueueImports(ctx context.Context, tasks []imports.Task) error {
	for _, t := range tasks {
		if err := a.queue.EnqueueImport(ctx, t.Import, t.Run); err != nil {
			return err
		}
	}
	return nil
}

// isStreaming reports whether the pipeline works in this instance.
func (a *App) isStreaming(ctx context.Context) bool {
	status, err := a.watcher.Status(ctx)
	return err == nil && status.Holder && status.State == watcher.Streaming
}

// importObstacle says why no import begins at present; empty if one does, or if that is unknown.
func (a *App) importObstacle(ctx context.Context) string {
	limited, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if part := a.importsPart(limited); part.State != stateUnknown {
		return part.Message
	}
	return ""
}

// importsPart says whether an import would begin now.
func (a *App) importsPart(ctx context.Context) api.PartHealth {
	paused, pausedErr := a.watcher.IsPaused(ctx)
	if paused && pausedErr == nil {
		return unready(string(watcher.Paused), watcherMessages[watcher.Paused], nil)
	}
	status, statusErr := a.watcher.Status(ctx)
	if statusErr == nil && status.Lease == "" {
		return unready(string(watcher.Standby), watcherMessages[watcher.Standby], nil)
	}
	working, workerErr := jobs.HasWorker(ctx, a.redis, a.config.MongoDatabase)
	if workerErr == nil && !working {
		return unready("no-worker", "No instance runs jobs. Start one with the role worker.", nil)
	}
	if err := errors.Join(pausedErr, statusErr, workerErr); err != nil {
		return unready(stateUnknown, reasonOf(err), nil)
	}
	return api.PartHealth{Ready: true, State: stateUp}
}
