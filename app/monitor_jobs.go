package app

import (
	"context"

	"grapevine"
	"grapevine/jobs"
	"grapevine/ws"
)

// reportJob sends the result of a job to the room "pipeline".
func (a *App) reportJob(ctx context.Context, r jobs.Result) error {
	return a.signals.Send(ctx, jobFrame(r))
}

func jobFrame(r jobs.Result) ws.JobFrame {
	return ws.JobFrame{
		Event: r.Event, Room: ws.PipelineRoom, Task: r.Task, ID: r.Contact, Type: r.Type, Attempt: r.Attempt,
		Error: r.Error, Archived: r.Archived, At: grapevine.Time{Time: r.At}, Omitted: r.Omitted,
	}
}
