package jobs

import (
	"time"

	"grapevine"
)

// taskPlan lists the tasks that a batch of changes asks for.
type taskPlan struct {
	tasks      []task
	badIDs     int // created contacts whose id is not an ObjectID, so no task could find them again
	oldDigests int // digests of minutes that ended before the event log begins

	oldest  time.Time
	planned map[digestKey]bool
	last    digestKey
}

// digestKey names a digest: a workspace and a minute of MongoDB's clock, in minutes since 1970.
type digestKey struct {
	workspace string
	minute    int64
}

// planTasks lists the tasks of a batch: a welcome per created contact that is not quiet, and a digest per workspace and minute.
// The minute comes from the change's position, so a replay names the same digests. Minutes that ended before
// oldest get no digest: the event log no longer holds their changes, and Asynq no longer holds their ids, so
// each replay would enqueue them again. A change of the derived part alone asks for nothing.
func planTasks(changes []grapevine.Change, oldest time.Time) *taskPlan {
	p := &taskPlan{oldest: oldest, planned: map[digestKey]bool{}}
	for i := range changes {
		c := &changes[i]
		if !c.IsComplete() || c.DerivedOnly {
			continue
		}
		if c.Op == grapevine.Created && !c.Quiet {
			p.addWelcome(c.ID)
		}
		for _, workspace := range c.Workspaces() {
			p.addDigest(digestKey{workspace, int64(c.Position.T()) / 60})
		}
	}
	return p
}

func (p *taskPlan) addWelcome(id string) {
	if !grapevine.ValidID(id) {
		p.badIDs++
		return
	}
	p.tasks = append(p.tasks, welcomeTask(id))
}

func (p *taskPlan) addDigest(d digestKey) {
	// Most changes are in the workspace and minute of the one before.
	if d == p.last || !grapevine.ValidWorkspace(d.workspace) {
		return
	}
	p.last = d
	if p.planned[d] {
		return
	}
	p.planned[d] = true
	minute := time.Unix(d.minute*60, 0).UTC()
	if minute.Add(time.Minute).Before(p.oldest) {
		p.oldDigests++
		return
	}
	p.tasks = append(p.tasks, digestTask(d.workspace, minute))
}
